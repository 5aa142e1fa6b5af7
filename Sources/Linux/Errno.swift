// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// A failed system call: which call, on what object, and the kernel's error number.
///
/// Thrown by everything in `Linux`. Callers switch on `code`; nobody inspects the text.
public struct Errno: Error, Equatable, Sendable {
    /// The kernel's error number, as in errno(3).
    public var code: Code
    /// The call that failed, as its manual page is named: `"openat2"`.
    public var call: String
    /// What it was called on (a path, a pid, an interface); empty where there is nothing to name.
    public var object: String

    public init(_ code: Code, _ call: String, _ object: String = "") {
        self.code = code
        self.call = call
        self.object = object
    }

    /// Reads the calling thread's errno, so it must be the first thing done after the failed call.
    public static func last(_ call: String, _ object: @autoclosure () -> String = "") -> Errno {
        let code = Code(rawValue: wharf_errno())
        return Errno(code, call, object())
    }

    /// An error number: an open set, as kernels add some.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public var rawValue: Int32
        public init(rawValue: Int32) { self.rawValue = rawValue }
    }
}

extension Errno.Code {
    public static let notPermitted = Self(rawValue: EPERM)
    public static let noEntry = Self(rawValue: ENOENT)
    public static let interrupted = Self(rawValue: EINTR)
    public static let io = Self(rawValue: EIO)
    public static let argumentsTooLong = Self(rawValue: E2BIG)
    public static let notExecutable = Self(rawValue: ENOEXEC)
    public static let badDescriptor = Self(rawValue: EBADF)
    public static let again = Self(rawValue: EAGAIN)
    public static let noMemory = Self(rawValue: ENOMEM)
    public static let accessDenied = Self(rawValue: EACCES)
    public static let busy = Self(rawValue: EBUSY)
    public static let exists = Self(rawValue: EEXIST)
    public static let noDevice = Self(rawValue: ENODEV)
    public static let notDirectory = Self(rawValue: ENOTDIR)
    public static let isDirectory = Self(rawValue: EISDIR)
    public static let invalidArgument = Self(rawValue: EINVAL)
    public static let tooManyFiles = Self(rawValue: EMFILE)
    public static let noSpace = Self(rawValue: ENOSPC)
    public static let readOnlyFileSystem = Self(rawValue: EROFS)
    public static let brokenPipe = Self(rawValue: EPIPE)
    public static let nameTooLong = Self(rawValue: ENAMETOOLONG)
    public static let notImplemented = Self(rawValue: ENOSYS)
    public static let directoryNotEmpty = Self(rawValue: ENOTEMPTY)
    public static let tooManyLinks = Self(rawValue: ELOOP)
    public static let notSupported = Self(rawValue: EOPNOTSUPP)
    public static let addressInUse = Self(rawValue: EADDRINUSE)
    public static let addressNotAvailable = Self(rawValue: EADDRNOTAVAIL)
    public static let connectionRefused = Self(rawValue: ECONNREFUSED)
    public static let connectionReset = Self(rawValue: ECONNRESET)
    public static let timedOut = Self(rawValue: ETIMEDOUT)
    public static let overflow = Self(rawValue: EOVERFLOW)
    public static let quotaExceeded = Self(rawValue: EDQUOT)
}

extension Errno: CustomStringConvertible {
    /// `openat2 etc/passwd: no such file or directory`, in the wording Go (and so Docker's messages) uses.
    public var description: String {
        object.isEmpty ? "\(call): \(code)" : "\(call) \(object): \(code)"
    }
}

extension Errno.Code: CustomStringConvertible {
    /// The C library's text with a lower-case first letter: `no such file or directory`.
    public var description: String {
        var buffer = [CChar](repeating: 0, count: 128)
        let text = buffer.withUnsafeMutableBufferPointer { buffer -> String in
            guard let base = buffer.baseAddress, let message = strerror_r(rawValue, base, buffer.count) else {
                return "errno \(rawValue)"
            }
            return String(cString: message)
        }
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
