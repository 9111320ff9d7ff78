import Access
import HTTPTypes
import LedgerHome
import Sequencing

extension RouteTable {
    /// Every route, in the order in which the page shows them.
    init(
        _ ledger: Ledger, _ sequencer: Sequencer, _ head: Watermark, _ models: ReadModels,
        _ state: StateRoutes, _ measures: ServiceMeasures, _ desk: TokenDesk
    ) {
        let provers = Pool(idleMax: 4) { ledger.proofMaker() }
        let appender = EventAppender(
            ledger: ledger, sequencer: sequencer, provers: provers, head: head,
            measures: measures)
        let records = RecordRoutes(ledger: ledger, provers: provers, head: head, models: models)
        let stream = EventStream(records: records, head: head, measures: measures)
        let known =
            RouteTable.appending(appender) + RouteTable.reading(records, stream)
            + RouteTable.querying(QueryRoutes(models: models))
            + RouteTable.querying(AccountRoutes(models: models))
            + RouteTable.reporting(ReporterRoutes(models: models))
            + RouteTable.administering(TokenRoutes(ledger: ledger, desk: desk, head: head))
            + RouteTable.storing(
                AttachmentRoutes(ledger.attachments, origin: ledger.settings.origin),
                ConsumerRoutes(
                    positions: ConsumerPositions(ledger: ledger.folder), head: head))
            + RouteTable.state(state)
        let page = APIPage(origin: ledger.settings.origin, routes: known)
        routes =
            [
                Route(.get, "/", .anyone, en: "This page", zh: "本页") {
                    try await page.answer($0)
                }
            ] + known
    }

    /// Whoever may append anything: of the events, rights are asked when they are read.
    private static let anyAppend = Route.Audience.holders([.storeAttachment])

    private static func appending(_ appender: EventAppender) -> [Route] {
        [
            Route(
                .post, "/v1/events", anyAppend, en: "Append CloudEvents, get receipts",
                zh: "报送 CloudEvents 事件，取得回执", isQuick: true
            ) { try await appender.append($0) },
            Route(
                .post, "/v1/events/check", anyAppend, en: "Judge events without recording them",
                zh: "试判事件，不入账"
            ) { try await appender.check($0) },
        ]
    }

    private static func reading(_ records: RecordRoutes, _ stream: EventStream) -> [Route] {
        [
            Route(.get, "/v1/events", en: "List records", zh: "列出记录") {
                try await records.list($0)
            },
            Route(
                .get, "/v1/events/{seq}", en: "The exact bytes of a record", zh: "记录的原始字节"
            ) { try await records.record($0) },
            Route(
                .get, "/v1/events/{seq}/proof", .anyone, en: "Proof that a record is in the ledger",
                zh: "记录在账的证明"
            ) { try await records.proof($0) },
            Route(
                .get, "/v1/stream", en: "Follow records as server-sent events",
                zh: "以服务器推送事件（SSE）跟随新记录"
            ) { try await stream.follow($0) },
        ]
    }

    private static func querying(_ queries: QueryRoutes) -> [Route] {
        [
            Route(
                .get, "/v1/cases", en: "Cases, as of any moment", zh: "案件列表，可指定时点"
            ) { try await queries.cases($0) },
            Route(
                .get, "/v1/cases/{procedure}/{id}", en: "A case: state, timeline, people",
                zh: "案件：状态、经过、人员"
            ) { try await queries.oneCase($0) },
            Route(
                .get, "/v1/duties", en: "What is owed by when, and what was missed",
                zh: "职责与期限"
            ) { try await queries.duties($0) },
            Route(
                .get, "/v1/findings", en: "Rules broken, duties missed, late entries",
                zh: "违规、逾期与迟录"
            ) { try await queries.findings($0) },
            Route(
                .get, "/v1/disclosures", .anyone, en: "What has been disclosed to the public",
                zh: "已向社会公开的事项"
            ) { try await queries.disclosures($0) },
            Route(
                .get, "/v1/indicators", en: "The figures that the plan demands", zh: "规划指标"
            ) { try await queries.indicators($0) },
        ]
    }

    private static func querying(_ accounts: AccountRoutes) -> [Route] {
        [
            Route(
                .get, "/v1/persons/{id}", en: "What the record says of a person", zh: "人员档案"
            ) { try await accounts.person($0) },
            Route(
                .get, "/v1/trace/{procedure}/{id}",
                en: "From an outcome back to every act before it", zh: "责任倒查"
            ) { try await accounts.trace($0) },
            Route(
                .get, "/v1/questions", en: "The questions that can be asked", zh: "可问的问题"
            ) { try await accounts.questions($0) },
            Route(
                .get, "/v1/questions/{number}", en: "One question's answer", zh: "问题的答案"
            ) { try await accounts.question($0) },
        ]
    }

    private static func reporting(_ reporter: ReporterRoutes) -> [Route] {
        [
            Route(
                .post, "/v1/reporter-status", .anyone,
                en: "How a report stands, by the reporter's code", zh: "凭查询码查询举报进展"
            ) { try await reporter.status($0) }
        ]
    }

    private static func storing(
        _ attachments: AttachmentRoutes, _ consumers: ConsumerRoutes
    ) -> [Route] {
        [
            Route(
                .put, "/v1/attachments/{sha256}", anyAppend,
                en: "Store a file that events name, whole or in parts", zh: "上传附件，可分段续传"
            ) { try await attachments.store($0) },
            Route(
                .get, "/v1/attachments/{sha256}", anyAppend,
                en: "Whether an attachment is there, or how much of it", zh: "查询附件是否已上传"
            ) { try await attachments.state($0) },
            Route(
                .post, "/v1/sealed-attachments", anyAppend,
                en: "Encrypt and store a file; the answer has its key", zh: "加密上传附件，密钥仅在应答中"
            ) { try await attachments.seal($0) },
            Route(
                .get, "/v1/consumers", en: "How far your followers have come", zh: "各跟随者的位置"
            ) { try await consumers.list($0) },
            Route(
                .get, "/v1/consumers/{name}", en: "How far a follower has come", zh: "跟随者的位置"
            ) { try await consumers.position($0) },
            Route(
                .put, "/v1/consumers/{name}", en: "Keep how far a follower has come",
                zh: "保存跟随者的位置"
            ) { try await consumers.set($0) },
            Route(
                .delete, "/v1/consumers/{name}", en: "Forget a follower", zh: "删除跟随者的位置"
            ) { try await consumers.remove($0) },
        ]
    }

    private static func administering(_ tokens: TokenRoutes) -> [Route] {
        [
            Route(
                .get, "/v1/tokens", .holders([.lookOverAccess]),
                en: "Tokens and what they may do", zh: "令牌及其权限"
            ) { try await tokens.list($0) },
            Route(
                .post, "/v1/tokens", .holders([.grantAndRevoke]),
                en: "Make a token, shown once", zh: "发放令牌（仅显示一次）"
            ) { try await tokens.create($0) },
            Route(
                .post, "/v1/tokens/{id}/revoke", .holders([.grantAndRevoke]),
                en: "Take a token back", zh: "撤销令牌"
            ) { try await tokens.revoke($0) },
        ]
    }

    private static func state(_ state: StateRoutes) -> [Route] {
        [
            Route(
                .get, "/checkpoint", .anyone, en: "The newest signed checkpoint",
                zh: "最新的签名检查点"
            ) { try await state.checkpoint($0) },
            Route(
                .get, "/tile/{level}/{index+}", .anyone, en: "Hashes of the tree (C2SP tlog-tiles)",
                zh: "树的哈希分块（C2SP tlog-tiles）"
            ) { try await state.tile($0) },
            Route(.get, "/healthz", .anyone, en: "Whether it answers", zh: "存活检查") {
                try await state.health($0)
            },
            Route(.get, "/readyz", .anyone, en: "Whether events can be appended", zh: "就绪检查") {
                try await state.readiness($0)
            },
            Route(
                .get, "/metrics", .holders([.operate, .lookOverAccess]), en: "Prometheus metrics",
                zh: "Prometheus 指标"
            ) {
                try await state.metrics($0)
            },
            Route(
                .get, "/openapi.yaml", .anyone, en: "This API for machines (OpenAPI 3.1)",
                zh: "接口描述（OpenAPI 3.1）"
            ) { try await state.description($0) },
        ]
    }
}
