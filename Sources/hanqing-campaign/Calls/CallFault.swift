import Foundation

/// One call of the system that does not go well, and how.
struct CallFault: Sendable, CustomStringConvertible {
    /// A call that an operation makes: its kind, its path, and how many of the same went before.
    struct Site: Hashable, Sendable {
        let kind: String
        /// Relative to the watched folder; what differs from run to run is `*`.
        let pattern: String
        let number: Int
    }

    enum How: String, Sendable {
        case fail, after, short, torn, full, dead
        case killBefore = "kill-before"
        case killAfter = "kill-after"
    }

    let site: Site
    let how: How
    let number: Int32

    /// As the library reads it.
    var text: String { "\(site.kind):\(site.number):\(how.rawValue):\(number):\(site.pattern)" }

    var description: String {
        let name = number == 0 ? "" : number == ENOSPC ? " ENOSPC" : " EIO"
        return "\(how.rawValue)\(name) at \(site.kind) \(site.number) of \(site.pattern)"
    }

    /// Whether the process does not live to say anything.
    var kills: Bool { [.torn, .killBefore, .killAfter].contains(how) }

    /// Whether nothing may be noticed: the system did only a part and said so.
    var isHarmless: Bool { how == .short }

    /// Whether the program can clean up after it.
    var isOnce: Bool { !kills && how != .full && how != .dead && site.kind != "unlink" }

    /// All that can happen to a call.
    static func all(at site: Site) -> [CallFault] {
        func fault(_ how: How, _ number: Int32 = 0) -> CallFault {
            CallFault(site: site, how: how, number: number)
        }
        // Nothing changes by it: what a kill leaves there, the call before it leaves as well.
        if site.kind == "open" { return [fault(.fail, EIO)] }
        var result = [
            fault(.fail, EIO), fault(.after, EIO), fault(.dead, EIO), fault(.killBefore),
            fault(.killAfter),
        ]
        if site.kind != "unlink", site.kind != "chmod" { result.append(fault(.fail, ENOSPC)) }
        if ["create", "mkdir", "write"].contains(site.kind) { result.append(fault(.full, ENOSPC)) }
        if site.kind == "write" { result += [fault(.short), fault(.torn)] }
        return result
    }

    /// The calls that the library's log names.
    static func sites(log: String) -> [Site] {
        var seen: [String: Int] = [:]
        return log.split(separator: "\n").compactMap { line -> Site? in
            let words = line.split(separator: "\t")
            guard words.count == 2, !line.hasPrefix("!") else { return nil }
            let pattern = String(words[1]).replacing(/\.new-[0-9]+/, with: ".new-*")
                .replacing(/incoming-[0-9A-F-]+/, with: "incoming-*")
            let kind = String(words[0])
            seen[kind + " " + pattern, default: 0] += 1
            return Site(kind: kind, pattern: pattern, number: seen[kind + " " + pattern] ?? 1)
        }
    }
}
