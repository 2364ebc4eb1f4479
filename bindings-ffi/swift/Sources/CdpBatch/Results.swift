import CdpBatchNative
import Foundation

/// How many records went which way. `read == confirmed + rejected + unknown`.
public struct Counts: Decodable, Sendable {
    public let read: UInt64
    public let packed: UInt64
    public let sent: UInt64
    public let confirmed: UInt64
    public let rejected: UInt64
    public let unknown: UInt64
}

/// One batch of a run.
public struct BatchReport: Decodable, Sendable {
    /// Its ref, a UUID.
    public let ref: String
    /// The service's last word on it; `packed` before it was sent.
    public let status: String
    /// Records packed into it; nil if another process did.
    public let records: UInt64?
}

/// A batch as the service tells of it.
public struct BatchInfo: Decodable, Sendable {
    /// Its ref, a UUID.
    public let ref: String
    /// `uploading`, `file_uploaded`, `processing`, and in the end `success`, `error` or `corrupted`.
    public let status: String
    /// Its declared size in bytes; absent from lists.
    public let size: UInt64?
    /// When it was allocated, as the service spells it.
    public let createdAt: String?
    /// When it last changed, as the service spells it.
    public let modifiedAt: String?
}

/// What came of a run.
public struct RunReport: Sendable {
    private struct Known: Decodable {
        let runId: String
        let ok: Bool
        let resumed: Bool
        let counts: Counts
        let batches: [BatchReport]
    }

    /// The run's name; empty in a report made from refs alone.
    public let runId: String
    /// Whether every record read was confirmed.
    public let isOk: Bool
    /// Whether this run found parts that were sent before.
    public let isResumed: Bool
    /// How many records went which way.
    public let counts: Counts
    /// Every batch, in order.
    public let batches: [BatchReport]
    /// The report as JSON with the names of every language; without the rejects.
    public let json: String
    private let native: Report

    /// The report that is attached to an error, or that a call ended with.
    public init(_ native: Report) throws {
        json = native.json()
        let known: Known = try decoded(json)
        (runId, isOk, isResumed, counts, batches) = (known.runId, known.ok, known.resumed, known.counts, known.batches)
        self.native = native
    }

    /// Every record that was refused, in the order of the input; read lazily, as often as wanted.
    public var rejects: Rejects {
        Rejects(native: native.rejects())
    }

    /// Writes the refused records as they were read, one a line, and the reasons to a file beside it; gives how many.
    public func writeRejects(to path: String) async throws -> UInt64 {
        try await native.writeRejects(path: path)
    }
}

/// Records that were refused.
public struct Rejects: AsyncSequence, Sendable {
    public typealias Element = Reject

    let native: CdpBatchNative.Rejects

    public func makeAsyncIterator() -> Iterator {
        Iterator(reader: native.reader())
    }

    public struct Iterator: AsyncIteratorProtocol {
        private let reader: RejectReader
        private var read: ArraySlice<Reject> = []

        init(reader: RejectReader) {
            self.reader = reader
        }

        public mutating func next() async throws -> Reject? {
            if read.isEmpty {
                read = try await reader.next(most: 256)[...]
            }
            return read.popFirst()
        }
    }
}

/// A run whose parts storage has all accepted.
public struct Run: Sendable {
    let native: CdpBatchNative.Run

    /// The run's name.
    public var runId: String { native.runId() }

    /// Its batches. They are all that another process needs to carry on.
    public var refs: [String] { native.refs() }

    /// Starts to wait until every batch is processed; once.
    public func startWait() -> Operation<RunReport> {
        Operation(native.finish(), read: reportOf)
    }
}

/// An outcome is what the function that started the work says; anything else is a bug of ours.
struct UnexpectedOutcome: Error {}

@Sendable func reportOf(_ outcome: Outcome) throws -> RunReport {
    guard case .report(let report) = outcome else { throw UnexpectedOutcome() }
    return try RunReport(report)
}

@Sendable func valueOf<Value: Decodable>(_ outcome: Outcome) throws -> Value {
    guard case .json(let json) = outcome else { throw UnexpectedOutcome() }
    return try decoded(json)
}
