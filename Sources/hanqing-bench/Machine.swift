import CanonicalJSON
import Digests
import Foundation
import Glibc

/// What the figures were measured on.
struct Machine {
    let cores: Int
    let model: String
    let openSSL: String
    /// The one-minute load before the run: other work makes the figures smaller.
    let load: String

    static var current: Machine {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = info.split(separator: "\n").first { $0.hasPrefix("model name") }
        let model = line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        return Machine(
            cores: ProcessInfo.processInfo.activeProcessorCount, model: model ?? "unknown",
            openSSL: OpenSSLVersion.text,
            load: load.split(separator: " ").first.map(String.init) ?? "?")
    }

    var text: String { "\(cores) cores, \(model), \(openSSL), load \(load) before the run" }

    var json: JSONValue {
        [
            "cores": .integer(Int64(cores)), "model": .string(model),
            "openSSL": .string(openSSL), "load": .string(load),
        ]
    }
}

/// The memory that this process holds.
enum Memory {
    /// Resident memory in MiB: `VmRSS`, with pages of mapped files that the system may drop.
    static var resident: Double { mebibytes("VmRSS:", of: "self") }

    /// Resident memory in MiB that is no file's: `RssAnon`.
    static var own: Double { own(of: "self") }

    /// The same of another process by its number.
    static func own(of process: String) -> Double { mebibytes("RssAnon:", of: process) }

    private static func mebibytes(_ field: String, of process: String) -> Double {
        let path = "/proc/\(process)/status"
        let status = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
        let fields = line?.split { $0 == " " || $0 == "\t" } ?? []
        return fields.count > 1 ? (Double(fields[1]) ?? 0) / 1024 : 0
    }
}

/// The time that this process has spent on all cores.
enum Processor {
    /// User and system time in seconds.
    ///
    /// Other work on the machine stretches the clock on the wall, but hardly this one.
    static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
