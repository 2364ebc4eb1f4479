import CdpBatchNative

/// The batches of the last 30 days, fetched page by page as they are read, and anew in each loop.
public struct Batches: AsyncSequence {
    public typealias Element = BatchInfo

    let client: CdpBatchNative.Client
    let query: String

    public func makeAsyncIterator() -> Iterator {
        Iterator(client: client, query: query)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let client: CdpBatchNative.Client
        let query: String
        private var list: CdpBatchNative.Batches?

        init(client: CdpBatchNative.Client, query: String) {
            (self.client, self.query) = (client, query)
        }

        public mutating func next() async throws -> BatchInfo? {
            let list = try list ?? client.batches(query: query)
            self.list = list
            return try await Operation<BatchInfo?>(list.next(), read: valueOf).value()
        }
    }
}

extension Client {
    /// The batches that match a query: `status` (an array), `created_after`, `created_before`, `modified_after`,
    /// `modified_before`, `ref_prefix`, `sort` and `limit`.
    public func batches(_ query: [String: Any] = [:]) throws -> Batches {
        Batches(client: native, query: try json(query))
    }

    /// The records the service refused in a batch.
    public func errors(of ref: String) async throws -> Rejects {
        try await Operation<Rejects>(try native.batchErrors(batch: ref)) { outcome in
            guard case .rejects(let rejects) = outcome else { throw UnexpectedOutcome() }
            return Rejects(native: rejects)
        }.value()
    }
}
