/// What `--help` says about each figure.
enum Explanation {
    static let text = """
        Everything is measured in one run, so that figures can be divided by each other; a \
        disk that syncs slower at the end than at the start says so in the two sync probes. \
        Targets are printed beside the figures that they are for and never fail the run. The \
        events are those of hanqing sample: fictitious, each with an id of its own, in cases \
        of two to eighteen events that lie among those of many other cases.

        The everyday run has a million records; --records 10000000 is the one by which growth \
        is judged. It needs some 15 GiB of disk and says so if they are not there.

        sync probe: 200 times 600 bytes written and synced (fdatasync): p50 and p95.
        sample: making the events, on one core: the producers' work, which takes its share of \
        the same cores in every section that appends.
        hashing: SHA-256 streamed over 64 MiB; leaf hashes record by record; node hashes; leaf \
        and node hashing together, as every record needs one of each: on one core and on all.
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
        fill: batches of 1,000 until the ledger has all records: at each million (or tenth) \
        the rate since the last, the time on cores, the memory then; at the end the bytes on \
        disk for an event beside the event's own, and the rates of the other batches.
        reopening: opening to read and to write after a clean end, after the process let go \
        of the ledger as if killed, and after the shipped program was killed with -9 while it \
        appended; and how many records were read again. Both crashes come when the index \
        holds nearly all that it keeps in memory.
        raw log: reading the log's files, and hashing each line to leaf and tree, with nothing \
        checked: the raw limit of what follows.
        verification: quick (links, numbers, tree, signatures) and full (all that records \
        say), by one core and by all; then a day's records, a 365th, are appended, published \
        and audited since the auditor's memory, hashes alone and with records, beside the full \
        audit.
        proofs: making inclusion and consistency proofs at random places and one after \
        another, and checking them, early and at full size: so many a second, and p99.
        publishing: the ledger as a folder of tiles, early and at full size: hashes, and, of a \
        million records at most, with the records.
        cases: looking up whole cases by their streams, early and at full size.
        rebuild: making a lost index anew from the whole log.
        starting: the shipped program as a whole process, from start to end: commands that \
        read a catalogue and do little else.
        serving: the shipped service with all rules and no tokens, the producers on one thread \
        of this program and on a core of their own, who is measured on the other: 64 \
        connections that each post a single durable event of 600 bytes, as fast as they are \
        answered, beside a service of the same library that answers 204 and does nothing; then \
        so many a second as seven tenths of that, each timed from when it was due, so that none \
        that waits is left out; batches of 100; 1,000 followers that wait; 64 clients of \
        PostgreSQL, if it is installed, that insert into a table which a trigger \
        chains by hashes. With fill: from the start of the service on the full ledger until it \
        says that it is ready.
        receipts: the same service, asked for 1,000 receipts a second, each timed from when it \
        was due: brief ones, and those with proof and signed checkpoint.
        anchoring: 13 districts, a city and a province: 1,000 posts a second to the city, each \
        timed from when it was due, in turn without and with a minute's anchoring of all, which \
        runs on the service's core.
        projection: making the read models of a generated year, and asking them for cases as \
        of random moments.
        rules: a generated year, a thousand events at once and each for itself, from bytes to \
        records, with the rules that refuse and without.
        scrub: batches of 1,000 by three callers with a scrub behind, at its usual rate and at \
        full speed, as a share of those alone just before and after; the middle of nine. \
        Then the scrub by itself beside hashing on one core: first what is in memory, then, as \
        each pass drops what it has read, what the disk gives.
        sealing: values of one size class sealed and opened by one core; keys drawn, wrapped \
        and made durable; a vault with one subject for each record asked for (a million at \
        most): keys kept, linked, opened; and one subject shredded.

        各项在同一次运行中测得，可相互比较；目标值仅列于旁，不影响退出码。
        """
}
