/// What a condition comes to in Kleene's strong logic of three values.
package enum Truth: Hashable, Sendable, CaseIterable {
    case `true`, `false`
    /// A value that it would take is missing.
    case unknown

    package init(_ value: Bool) { self = value ? .true : .false }

    package static prefix func ! (truth: Truth) -> Truth {
        switch truth {
        case .true: .false
        case .false: .true
        case .unknown: .unknown
        }
    }

    package static func && (left: Truth, right: Truth) -> Truth {
        if left == .false || right == .false { return .false }
        return left == .true ? right : .unknown
    }

    package static func || (left: Truth, right: Truth) -> Truth {
        !(!left && !right)
    }
}
