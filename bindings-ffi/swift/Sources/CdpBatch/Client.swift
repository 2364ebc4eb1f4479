import CdpBatchNative
import Foundation

/// Options by the names of the README's table, nested for `wait`, `retry` and `http`: `["schema": "guest"]`.
public typealias Options = [String: Any]

/// Where records come from.
public enum Source: Sendable {
    /// Files, one after the other: NDJSON, one JSON array, or JSON over several lines; plain or gzip.
    case paths([String])
    /// The files that match a pattern such as `exports/**/*.ndjson.gz`.
    case glob(String)
    /// The content of a file, in memory.
    case data(Data)
    /// JSON of one record each. Rows are asked for no faster than they are packed.
    case rows(AsyncThrowingStream<Data, Error>)

    /// A file.
    public static func path(_ path: String) -> Source {
        .paths([path])
    }
}

/// Uploads records to Sitecore CDP, waits until they are processed, and explains every one that was refused.
///
/// ```swift
/// let client = try Client.fromEnv()
/// let report = try await client.upload(.path("guests.ndjson"))
/// print(report.counts.confirmed)
/// ```
///
/// A function suspends until its work has ended; cancelling its task cancels the work, and leaves a run that can be carried
/// on with. A function whose name begins with `start` gives an ``Operation`` at once.
public final class Client: Sendable {
    let native: CdpBatchNative.Client

    private init(_ native: CdpBatchNative.Client) {
        self.native = native
    }

    /// A client of a region: `eu`, `us`, `ap` or `jp`.
    public convenience init(region: String, clientKey: String, apiToken: String, options: Options = [:]) throws {
        let options = try json(options)
        self.init(try .init(region: region, baseUrl: nil, clientKey: clientKey, apiToken: apiToken, options: options))
    }

    /// A client of the service at an address.
    public convenience init(baseUrl: String, clientKey: String, apiToken: String, options: Options = [:]) throws {
        let options = try json(options)
        self.init(try .init(region: nil, baseUrl: baseUrl, clientKey: clientKey, apiToken: apiToken, options: options))
    }

    /// A client from `CDP_REGION` or `CDP_BASE_URL`, `CDP_CLIENT_KEY` and `CDP_API_TOKEN`.
    public static func fromEnv(options: Options = [:]) throws -> Client {
        Client(try .fromEnv(options: try json(options)))
    }

    /// Checks, packs, uploads, waits and explains. Throws unless every record was confirmed, by default.
    public func upload(_ source: Source, options: Options = [:]) async throws -> RunReport {
        try await startUpload(source, options: options).value()
    }

    /// As ``upload(_:options:)``, without waiting for it.
    public func startUpload(_ source: Source, options: Options = [:]) throws -> Operation<RunReport> {
        try reading(source, options, CdpBatchNative.Client.upload, read: reportOf)
    }

    /// As ``upload(_:options:)``, but only until storage has accepted every part.
    public func submit(_ source: Source, options: Options = [:]) async throws -> Run {
        try await reading(source, options, CdpBatchNative.Client.submit) { outcome in
            guard case .run(let run) = outcome else { throw UnexpectedOutcome() }
            return Run(native: run)
        }.value()
    }

    /// Goes on with a run from its journal in `state_dir`: nothing is lost, and nothing is sent twice.
    public func resume(_ runId: String) async throws -> RunReport {
        try await Operation(native.resume(runId: runId), read: reportOf).value()
    }

    /// Waits until these batches have finished; needs nothing but their refs.
    public func wait(for refs: [String], options: Options = [:]) async throws -> [BatchInfo] {
        let operation = try native.waitFor(refs: refs, options: try json(options))
        return try await Operation<[BatchInfo]>(operation, read: valueOf).value()
    }

    /// A report of these batches as the service tells of them now.
    public func report(of refs: [String]) async throws -> RunReport {
        try await Operation(try native.report(refs: refs), read: reportOf).value()
    }

    /// What the service says of a batch now.
    public func status(of ref: String) async throws -> BatchInfo {
        try await Operation<BatchInfo>(try native.batchStatus(batch: ref), read: valueOf).value()
    }

    /// Starts work that reads a source.
    func reading<Value>(
        _ source: Source, _ options: Options,
        _ start: (CdpBatchNative.Client) -> (CdpBatchNative.Source, String) throws -> CdpBatchNative.Operation,
        read: @escaping @Sendable (Outcome) throws -> Value
    ) throws -> Operation<Value> {
        let (options, opened) = (try json(options), try Opened(source))
        let operation = try start(native)(opened.native, options)
        return Operation(operation, feeding: opened.feeding(operation), read: read)
    }
}

/// A source that was opened, and what feeds it.
private struct Opened {
    let native: CdpBatchNative.Source
    private let rows: (AsyncThrowingStream<Data, Error>, Writer)?

    init(_ source: Source) throws {
        switch source {
        case .paths(let paths): (native, rows) = (.paths(paths: paths), nil)
        case .glob(let pattern): (native, rows) = (try .glob(pattern: pattern), nil)
        case .data(let data): (native, rows) = (.bytes(bytes: data), nil)
        case .rows(let stream):
            let writer = Writer.rows()
            (native, rows) = (writer.source(), (stream, writer))
        }
    }

    /// Feeds rows; what the stream throws ends the run, so that half the rows are never taken for all.
    func feeding(_ operation: CdpBatchNative.Operation) -> Task<Void, Error>? {
        guard let (stream, writer) = rows else { return nil }
        return Task.detached {
            do {
                for try await row in stream {
                    guard await writer.takes(row) else { return }
                }
                try Task.checkCancellation()
                writer.finish()
            } catch {
                writer.abandon()
                operation.cancel()
                throw error
            }
        }
    }
}

extension Writer {
    /// Pushes a row once there is room for it; false when nothing reads any more.
    func takes(_ row: Data) async -> Bool {
        while true {
            switch push(chunk: row) {
            case .taken: return true
            case .full: await room()
            case .unread: return false
            }
        }
    }
}

func json(_ options: Options) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: options), as: UTF8.self)
}
