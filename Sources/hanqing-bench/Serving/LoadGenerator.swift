import Foundation
import Glibc

/// Posts over connections that are kept, all of them on the caller's thread: it takes one core at
/// most, and leaves the others to who is measured.
struct LoadGenerator {
    /// When requests are sent.
    enum Pace {
        /// Each connection sends the next when the last is answered.
        case whenAnswered
        /// So many a second become due, whatever has become of those before.
        case perSecond(Double)
    }

    /// What was seen.
    struct Outcome {
        /// Answers by status code.
        fileprivate(set) var statuses: [Int: Int] = [:]
        /// The text of one answer of each.
        fileprivate var examples: [Int: String] = [:]
        fileprivate(set) var seconds = 0.0
        /// Milliseconds from when a request was due until its answer had come, in ascending order:
        /// one that waits for a connection counts as late.
        fileprivate(set) var times: [Double] = []

        /// Answers a second.
        var rate: Double { Double(times.count) / seconds }

        /// A quantile of the times, from 0 to 1.
        func milliseconds(_ quantile: Double) -> Double { times.quantile(quantile) }

        /// The body of one answer that had this status.
        func body(of status: Int) -> String? {
            guard let text = examples[status], let end = text.firstRange(of: "\r\n\r\n") else {
                return nil
            }
            return String(text[end.upperBound...])
        }

        /// All answers had this status, and there were some.
        func demand(_ status: Int) throws {
            guard Array(statuses.keys) == [status] else {
                let odd = examples.first { $0.key != status }?.value ?? "none"
                throw BenchError(
                    "answers by status: \(statuses), where all should be \(status): \(odd)")
            }
        }
    }

    private var connections: [HTTPConnection] = []
    private var nextRequest = 0

    init(port: Int, connections count: Int) throws {
        for _ in 0..<count { connections.append(try HTTPConnection(port: port)) }
    }

    /// Sends `request(n)`, n counting on from run to run, and waits for all answers at the end.
    mutating func run(
        _ pace: Pace, for seconds: Double, _ request: (Int) -> [UInt8]
    ) throws -> Outcome {
        var outcome = Outcome()
        var polled = connections.map { pollfd(fd: $0.descriptor, events: 0, revents: 0) }
        var idle = Array(connections.indices)
        let start = Clock.seconds
        var sent = 0
        var lastAnswer = start
        while true {
            let now = Clock.seconds
            let isOver = now - start >= seconds
            while let place = idle.last, let due = due(pace, sent, start, now), !isOver {
                idle.removeLast()
                try connections[place].send(request(nextRequest), due: due)
                (nextRequest, sent) = (nextRequest + 1, sent + 1)
            }
            if isOver, idle.count == connections.count { break }
            for place in polled.indices { polled[place].events = connections[place].awaited }
            try wait(&polled, milliseconds: idle.isEmpty || isOver ? 1_000 : 1)
            for place in polled.indices where polled[place].revents != 0 {
                guard let answer = try connections[place].go(on: polled[place].revents) else {
                    continue
                }
                lastAnswer = Clock.seconds
                outcome.statuses[answer.status, default: 0] += 1
                if outcome.examples[answer.status] == nil {
                    outcome.examples[answer.status] = connections[place].text
                }
                outcome.times.append((lastAnswer - answer.due) * 1_000)
                idle.append(place)
            }
        }
        outcome.seconds = lastAnswer - start
        outcome.times.sort()
        return outcome
    }

    /// When the next request was due; nil if it is not yet.
    private func due(_ pace: Pace, _ sent: Int, _ start: Double, _ now: Double) -> Double? {
        switch pace {
        case .whenAnswered: return now
        case .perSecond(let rate):
            let due = start + Double(sent) / rate
            return due <= now ? due : nil
        }
    }

    private func wait(_ polled: inout [pollfd], milliseconds: Int32) throws {
        guard poll(&polled, nfds_t(polled.count), milliseconds) >= 0 || errno == EINTR else {
            throw BenchError("poll: \(String(cString: strerror(errno)))")
        }
    }
}

/// A clock that nobody sets.
enum Clock {
    static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// One request at a time over a connection to this machine, without waiting.
final class HTTPConnection {
    let descriptor: Int32
    private var outgoing: [UInt8] = []
    private var sentCount = 0
    private var incoming: [UInt8] = []
    private var due = 0.0

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw BenchError("no connection to port \(port): \(reason)")
        }
        var one: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close(descriptor) }

    /// What poll(2) is to look for.
    var awaited: Int16 { Int16(sentCount < outgoing.count ? POLLIN | POLLOUT : POLLIN) }

    /// What has come.
    var text: String { String(decoding: incoming, as: UTF8.self) }

    func send(_ request: [UInt8], due: Double) throws {
        (outgoing, sentCount, self.due) = (request, 0, due)
        incoming.removeAll(keepingCapacity: true)
        try sendOn()
    }

    /// Sends and receives what can be; gives the answer when it is whole.
    func go(on events: Int16) throws -> (status: Int, due: Double)? {
        if events & Int16(POLLOUT) != 0 { try sendOn() }
        guard events & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { return nil }
        try receiveOn()
        return try answer.map { ($0, due) }
    }

    /// Until what has come is more than nothing, waiting: for answers that do not end.
    func receiveSome() throws -> Int {
        while incoming.isEmpty {
            var polled = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
            _ = poll(&polled, 1, 1_000)
            try receiveOn()
        }
        return incoming.count
    }

    private func sendOn() throws {
        while sentCount < outgoing.count {
            let count = outgoing.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor, bytes.baseAddress.map { $0 + sentCount },
                    bytes.count - sentCount, Int32(MSG_NOSIGNAL))
            }
            guard count >= 0 else {
                if errno == EAGAIN { return }
                throw BenchError("send: \(String(cString: strerror(errno)))")
            }
            sentCount += count
        }
    }

    private func receiveOn() throws {
        while true {
            let room = 16 << 10
            let count = withUnsafeTemporaryAllocation(byteCount: room, alignment: 8) { buffer in
                let count = recv(descriptor, buffer.baseAddress, room, 0)
                if count > 0 { incoming += UnsafeRawBufferPointer(buffer)[..<count] }
                return count
            }
            if count == room { continue }
            guard count != 0 else { throw BenchError("the service closed a connection") }
            guard count > 0 || errno == EAGAIN else {
                throw BenchError("recv: \(String(cString: strerror(errno)))")
            }
            return
        }
    }

    /// The status of the answer if all of it has come: a head, and as many bytes as it says.
    private var answer: Int? {
        get throws {
            guard let end = HTTPConnection.headEnd(incoming) else { return nil }
            let head = String(decoding: incoming[..<end], as: UTF8.self).lowercased()
            let lines = head.split(separator: "\r\n")
            let length = lines.first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
            guard
                let status = lines.first?.split(separator: " ").dropFirst().first
                    .flatMap({ Int($0) }), length != nil || status == 204
            else { throw BenchError("an answer that cannot be read: \(head.prefix(200))") }
            return incoming.count >= end + (length ?? 0) ? status : nil
        }
    }

    /// The place after the empty line.
    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for place in 3..<bytes.count where bytes[place] == 0x0A && bytes[place - 2] == 0x0A {
            return place + 1
        }
        return nil
    }
}
