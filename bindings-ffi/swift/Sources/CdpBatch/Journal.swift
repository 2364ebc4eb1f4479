import CdpBatchNative

/// A run as its journal has it.
public struct RunInfo: Decodable, Sendable {
    /// Its name.
    public let runId: String
    /// When it was begun.
    public let createdAt: String
    /// `packing` until its last part is packed, `packed` until every part is settled, then `finished`.
    public let state: String
    /// Names of its sources.
    public let sources: [String]
    /// Parts packed so far.
    public let parts: UInt64
    /// Records in them.
    public let packed: UInt64
    /// Records the service confirmed.
    public let confirmed: UInt64
    /// Records refused, by us or by the service.
    public let rejected: UInt64
}

/// A batch that needs a look.
public struct OpenBatch: Decodable, Sendable {
    /// Its ref.
    public let ref: String
    /// The run it belongs to; nil if the journal does not know it.
    public let runId: String?
    /// The part it holds, counted from 0; nil if the journal does not know it.
    public let part: UInt64?
    /// What the service says; nil if it does not list it.
    public let status: String?
}

/// What the journal and the service together tell. Batches that are done and known are left out.
public struct Reconciliation: Decodable, Sendable {
    /// Packed, perhaps allocated, but storage does not have them: resume the run.
    public let neverUploaded: [OpenBatch]
    /// Uploaded, and the service has not finished with them.
    public let processing: [OpenBatch]
    /// The service could not read them or refused records of them, and they were not sent again.
    public let failed: [OpenBatch]
    /// Listed by the service, but not in this journal: sent from elsewhere.
    public let unknown: [OpenBatch]
}

extension Client {
    /// Every run of the journal in `state_dir`, the latest first.
    public func runs() async throws -> [RunInfo] {
        try await Operation<[RunInfo]>(native.runs(), read: valueOf).value()
    }

    /// Compares the journal in `state_dir` with the service's list of the last 30 days.
    public func reconcile() async throws -> Reconciliation {
        try await Operation<Reconciliation>(native.reconcile(), read: valueOf).value()
    }
}
