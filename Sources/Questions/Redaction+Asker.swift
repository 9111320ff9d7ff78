import Catalogue

extension Redaction {
    /// The level at which a question is answered to those who usually ask it.
    init(of asker: Question.Asker) {
        self =
            switch asker {
            case .audit, .inspectorate, .supervision, .discipline, .investigated: .supervisory
            case .party: .internal
            case .reporter, .public: .open
            }
    }
}
