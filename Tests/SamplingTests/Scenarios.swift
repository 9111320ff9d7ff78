/// Orders of events and what becomes of them, by the shipped catalogue.
enum Scenarios {
    static let sound = [
        """
        decision: proposed started drafted participation-exempted legality-requested \
        legality-reviewed submitted-for-deliberation deliberated party-reported issued \
        execution-assigned deliberated terminated post-evaluation-started post-evaluated archived
        """,
        """
        normdoc: proposed assessed drafted comment-opened comment-closed \
        fair-competition-reviewed legality-requested legality-reviewed deliberated signed \
        registered published interpreted filed file-reviewed post-evaluated extended repealed
        """,
        """
        contract: initiated negotiated legality-requested legality-reviewed approved signed filed \
        milestone-due milestone-met completed archived
        """,
        """
        penalty: clue-registered filed evidence-collected interviewed preserved \
        preservation-disposed investigation-ended legality-reviewed notified defence-received \
        defence-reviewed hearing-requested hearing-notified hearing-held legality-reviewed \
        deliberated decided served published fine-paid executed closed archived \
        changed-or-revoked withdrawn-from-public
        """,
        """
        penalty: clue-registered filed evidence-collected investigation-ended notified \
        defence-waived no-penalty-decided served closed archived
        """,
        """
        penalty: clue-registered filed evidence-collected investigation-ended legality-reviewed \
        referred-out closed archived
        """,
        """
        inspection: planned approved started evidence-recorded record-made result-told \
        rectification-ordered on-site-measure reinspected resumption-approved closed
        """,
        "inspection: planned started record-made result-told no-problem closed",
        """
        report: received identity-sealed accepted summarised summary-checked assigned verified \
        extended concluded \
        rectification-supervised fed-back closed follow-up-visited retaliation-reported \
        protection-taken
        """,
        """
        report: received accepted summarised summary-checked assigned verified concluded \
        fed-back closed
        """,
        "report: received identity-sealed forwarded",
        "vault: key-created access-requested access-approved opened key-destroyed",
        """
        permit: applied correction-told corrected accepted credit-queried credit-applied reviewed \
        site-checked special-procedure-started special-procedure-ended granted certificate-issued \
        published renewal-applied renewed cancelled
        """,
        """
        criminal-referral: suspected report-submitted approved transferred police-accepted \
        police-refused reconsideration-requested reconsideration-decided procuratorate-requested
        """,
        """
        criminal-referral: suspected report-submitted approved transferred police-accepted \
        police-filed materials-handed-over judged
        """,
        """
        accountability: clue-received preliminarily-checked case-opened trace-run fact-notified \
        defence-heard responsibility-determined decided served executed correction-ordered \
        corrected closed reviewed
        """,
        """
        legislation: proposed pre-assessed listed drafted researched comment-opened \
        comment-closed comment-adoption-published hearing-announced hearing-held \
        legality-reviewed deliberated submitted enacted companion-required companion-linked \
        tracked post-assessed cleanup-decided
        """,
        """
        decision-catalogue: candidates-collected reviewed party-consented adopted published \
        item-added revision-published item-completed
        """,
        "coercion: proposed approved executed extended released published",
        """
        accident: reported reported-up graded team-formed report-submitted approved published \
        liability-implemented follow-up-evaluated follow-up-published
        """,
        """
        officer: registered qualification-recorded training-completed exam-passed \
        certificate-issued certificate-renewed appraised certificate-revoked
        """,
    ]

    /// The rule that the last event breaks, and the order.
    static let broken = [
        "R043 decision: proposed started drafted comment-opened comment-closed comments-adopted "
            + "submitted-for-deliberation",
        "R038 decision: proposed started drafted hearing-held",
        "R060 decision: proposed started terminated",
        "R073 normdoc: proposed assessed drafted comment-exempted legality-requested deliberated",
        "R077 normdoc: proposed assessed drafted comment-exempted legality-requested "
            + "legality-reviewed deliberated signed published",
        "R091 contract: initiated negotiated legality-requested legality-reviewed signed",
        "R196 penalty: clue-registered filed evidence-collected investigation-ended notified "
            + "defence-waived decided decided",
        "R190 penalty: clue-registered filed evidence-collected investigation-ended notified "
            + "defence-waived decided served enforcement-applied",
        "R191 penalty: clue-registered filed evidence-collected investigation-ended notified "
            + "defence-waived decided published withdrawn-from-public",
        "R152 inspection: started",
        "R248 report: identity-sealed",
        """
        R253 report: received identity-sealed accepted summarised summary-checked assigned \
        concluded
        """,
        """
        R259 report: received identity-sealed accepted summarised summary-checked assigned \
        verified extended extended
        """,
        "R537 report: received identity-sealed accepted summarised assigned",
        "R535 report: received identity-sealed accepted summary-checked",
        "R527 staff-report: received accepted concluded",
        "R528 staff-report: received accepted closed",
        "R277 reward: eligibility-checked amount-computed approved claimed",
        "R298 permit: applied accepted credit-queried reviewed refused granted",
        "R148 inspection-plan: drafted approved random-list-published drawn",
        "R284 remote-monitor: proposed activated",
        "R136 jurisdiction: empowerment-assessed",
        "R005 annual-report: drafted approved submitted-gov submitted-superior published",
    ]
}
