import Checkpoints
import DurableFiles

extension ServePlan {
    /// A ledger that is served, and where it is published.
    package struct ServedFolder: Sendable {
        package let prefix: String?
        package let folder: String
        package let publish: [PublicationPlan.Target]
    }

    private static let policyByteCountMax = 1 << 20

    /// The targets of each ledger, in their order.
    static func targets(
        _ settings: ServeSettings, _ faults: inout [ServeFault]
    ) -> [[PublicationPlan.Target]] {
        var named = (settings.ledgers ?? []).map(\.publish)
        if let folder = settings.publish {
            let one = ServeSettings.NamedPublication(
                folder: folder, policy: settings.publishPolicy)
            if named.count == 1 {
                named[0].append(one)
            } else if named.count > 1 {
                faults.append(
                    ServeFault(
                        folder.place,
                        en: "which of several ledgers? Name the folder under the ledger in the "
                            + "file of --config",
                        zh: "多个账本中的哪一个？请在 --config 文件中该账本之下指定目录"))
            }
        } else if let policy = settings.publishPolicy {
            faults.append(
                ServeFault(
                    policy.place, en: "a policy needs a folder to publish into: --publish",
                    zh: "见证策略须同时指定发布目录：--publish"))
        }
        var folders: Set<String> = []
        for one in named.joined() where !folders.insert(one.folder.value).inserted {
            faults.append(
                ServeFault(
                    one.folder.place, en: "this folder is published into already",
                    zh: "该目录已用于发布"))
        }
        return named.map { list in
            list.map { one in
                PublicationPlan.Target(
                    folder: one.folder.value, withEntries: one.withEntries,
                    policy: one.policy.flatMap { policy($0, &faults) })
            }
        }
    }

    private static func policy(
        _ file: ServeSettings.Said<String>, _ faults: inout [ServeFault]
    ) -> WitnessPolicy? {
        do throws(FileError) {
            let bytes = try DurableFile.contents(file.value, limit: policyByteCountMax)
            guard let bytes else {
                faults.append(
                    ServeFault(
                        file.place, en: "there is no file \(file.value)", zh: "没有文件 \(file.value)"))
                return nil
            }
            return policy(bytes, file.place, &faults)
        } catch {
            faults.append(ServeFault(file.place, error.phrase))
            return nil
        }
    }

    private static func policy(
        _ bytes: [UInt8], _ place: String, _ faults: inout [ServeFault]
    ) -> WitnessPolicy? {
        do throws(PolicyError) {
            return try WitnessPolicy(bytes)
        } catch {
            faults.append(ServeFault(place, error.phrase))
            return nil
        }
    }
}
