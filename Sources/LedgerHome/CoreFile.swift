import CProcess
import Glibc

/// What a crash would leave of this process's memory: Specs/sealing.md section 9.
package enum CoreFile {
    /// Sees to it that none is written, by the kernel or by a program that it calls; false if the
    /// system refuses.
    ///
    /// A size of 0 is not enough: a kernel that hands core files to a program ignores it.
    package static func forbid() -> Bool {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        return setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0 && forbidDump()
    }

    /// The second half, which a process that has begun may still take back.
    package static func forbidDump() -> Bool { hanqing_forbid_dump() == 1 }

    /// Whether the kernel would write the memory of this process anywhere.
    package static var isDumpable: Bool { hanqing_is_dumpable() == 1 }
}
