import CdpBatchNative
import Foundation

/// One remark about one place of a record.
public struct Finding: Decodable, Sendable {
    /// The source of the record, such as a file name.
    public let source: String
    /// The line it began on, counted from 1.
    public let line: UInt64
    /// The place in it, such as `$.value.identifiers[0].id`.
    public let path: String
    /// The rule's stable name, such as `envelope.ref`.
    public let rule: String
    /// `error` if the record would not be sent, otherwise `warning`.
    public let severity: String
    /// What is wrong and what is expected.
    public let message: String
    /// Where the rule is from.
    public let section: String
}

/// What a check found.
public struct CheckReport: Decodable, Sendable {
    /// Records read.
    public let read: UInt64
    /// Records with an error: they would not be sent.
    public let invalid: UInt64
    /// Errors found.
    public let errors: UInt64
    /// Warnings found: the record would be sent.
    public let warnings: UInt64
    /// Each error and warning with its place, in the order of the input.
    public let findings: [Finding]
}

/// A file made by packing.
public struct Part: Decodable, Sendable {
    /// The gzip file.
    public let path: String
    /// Its size in bytes.
    public let size: UInt64
    /// Its MD5 in hex, as the service wants it when the batch is allocated.
    public let md5: String
    /// The same in Base64, as the `Content-MD5` header wants it.
    public let contentMd5: String
    /// Records in it.
    public let records: UInt64
}

/// How many records were packed. `read == packed + rejected`.
public struct PackCounts: Decodable, Sendable {
    public let read: UInt64
    public let packed: UInt64
    public let rejected: UInt64
}

/// What packing made.
public struct PackReport: Sendable {
    private struct Known: Decodable {
        let parts: [Part]
        let counts: PackCounts
    }

    /// The files, in order.
    public let parts: [Part]
    /// How many records went which way.
    public let counts: PackCounts
    /// Every record that is in no file, in the order of the input.
    public let rejects: Rejects

    init(_ packed: Packed) throws {
        let known: Known = try decoded(packed.json())
        (parts, counts, rejects) = (known.parts, known.counts, Rejects(native: packed.rejects()))
    }
}

extension Client {
    /// Checks every record without sending anything; `check` is `model` or `envelope`.
    public func validate(_ source: Source, options: Options = [:]) async throws -> CheckReport {
        try await reading(source, options, CdpBatchNative.Client.validate, read: valueOf).value()
    }

    /// Packs records into files of a folder, which is made if needed, without sending anything.
    public func pack(_ source: Source, into folder: String, options: Options = [:]) async throws -> PackReport {
        let pack = { (native: CdpBatchNative.Client) in { try native.pack(source: $0, folder: folder, options: $1) } }
        return try await reading(source, options, pack) { outcome in
            guard case .packed(let packed) = outcome else { throw UnexpectedOutcome() }
            return try PackReport(packed)
        }.value()
    }
}
