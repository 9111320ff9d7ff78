/// What `--help` says about each figure.
enum Explanation {
    static let text = """
        Everything is measured in one run, so that figures can be divided by each other; a \
        disk that syncs slower at the end than at the start says so in the two sync probes. \
        Targets are printed beside the figures that they are for and never fail the run. The \
        events are fictitious ones of the shipped sample, each with an id of its own, in \
        streams of four.

        sync probe: 200 times 600 bytes written and synced (fdatasync): p50 and p95.
        hashing: SHA-256 streamed over 64 MiB; leaf hashes record by record; node hashes; leaf \
        and node hashing together, as every record needs one of each: on one core and on all. \
        This is the raw limit of verification.
        json: reading events as strict JSON; in canonical form, and with spaces and members in \
        another order; then the whole intake with every check of attributes and catalogue, on \
        one core.
        disk: the bytes of so many records written and synced at once: the raw limit of \
        durable appending.
        batches: atomic batches of 1, 100, 1,000 and 10,000 events from bytes to brief \
        receipts with every check on, by several callers that each read their own events, in a \
        new ledger.
        single: 1, 64 and 256 callers that each append one event and wait until it is durable, \
        again and again. Syncs are shared by all who wait.
        fill: batches of 1,000 until the ledger has all records: the rate of the first and of \
        the last tenth, the largest memory after each, the rates of the other batches at full \
        size, and the time of opening again.
        verification: quick (links, numbers, tree, signatures) and full (all that records \
        say), by one core and by all; needs the section hashing for its ratio.
        proofs: making inclusion and consistency proofs at full size, at random places and one \
        after another, and checking them.
        scrub: batches of 1,000 by three callers with a scrub behind, at its usual rate and at \
        full speed, as a share of those alone just before and after; the middle of nine. Then the scrub by itself beside hashing \
        on one core: first what is in memory, then, as each pass drops what it has read, what \
        the disk gives.

        各项在同一次运行中测得，可相互比较；目标值仅列于旁，不影响退出码。
        """
}
