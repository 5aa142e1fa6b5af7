// SPDX-License-Identifier: Apache-2.0

/// A file descriptor with several holders: closed when the last of them lets go.
///
/// For a descriptor that goes into a `@Sendable` closure or a stored value; else use `FileDescriptor` itself.
public final class SharedDescriptor: Sendable {
    public let descriptor: FileDescriptor

    public init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    /// The number, valid while this object lives.
    public var rawValue: Int32 { descriptor.rawValue }
}
