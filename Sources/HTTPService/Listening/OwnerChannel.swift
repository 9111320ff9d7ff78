import Glibc
import HummingbirdCore
import Logging
import NIOCore

/// A connection over a Unix socket that only the user of this process, and root, may open: what the
/// kernel says of the other end is asked, whatever the mode of the socket's file.
struct OwnerChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base

    private struct Stranger: Error {}

    /// The system's `ucred`, unix(7), which the C library shows only to who asks for extensions.
    private struct PeerCredentials: Sendable {
        let pid: pid_t
        let uid: uid_t
        let gid: gid_t
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        guard let options = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(Stranger())
        }
        let peer: EventLoopFuture<PeerCredentials> = options.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        let isOurs = peer.flatMapThrowing { peer in
            guard peer.uid == geteuid() || peer.uid == 0 else {
                logger.notice("another user was turned away", metadata: ["uid": "\(peer.uid)"])
                throw Stranger()
            }
        }
        isOurs.whenFailure { _ in channel.close(promise: nil) }
        return isOurs.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
