import CdpBatchNative
import Foundation

/// Why a call failed: a case for each kind, all with the same fields. Cancelling a task throws `CancellationError` instead.
public typealias CdpBatchError = CdpBatchNative.CdpError

/// Work that was started and goes on by itself. It may be waited for, listened to and cancelled from any task.
public final class Operation<Value: Sendable>: Sendable {
    private let native: CdpBatchNative.Operation
    private let feeding: Task<Void, Error>?
    private let ended: Task<Value, Error>

    init(
        _ native: CdpBatchNative.Operation,
        feeding: Task<Void, Error>? = nil,
        read: @escaping @Sendable (Outcome) throws -> Value
    ) {
        self.native = native
        self.feeding = feeding
        ended = Task.detached {
            defer { feeding?.cancel() }
            return try read(try await native.outcome())
        }
    }

    /// Waits for the end. Cancelling the task cancels the work, and waits until it has stopped; what a run has done is not
    /// undone, and it can be carried on with.
    public func value() async throws -> Value {
        do {
            return try await withTaskCancellationHandler {
                try await ended.value
            } onCancel: {
                cancel()
            }
        } catch CdpBatchError.Cancelled(let fields) {
            if Task.isCancelled { throw CancellationError() }
            // What a source threw says more than that the work was stopped for it.
            if case .failure(let reason)? = await feeding?.result, !(reason is CancellationError) { throw reason }
            throw CdpBatchError.Cancelled(fields: fields)
        }
    }

    /// Asks the work to stop, and returns at once.
    public func cancel() {
        native.cancel()
    }

    /// What happens until the end. Each event is told once; those that nobody asks for are dropped, the oldest first.
    public var events: Events {
        Events(native: native)
    }
}

/// What happens while a call works; the last event is of the type `done`.
public struct Events: AsyncSequence {
    public typealias Element = Event

    let native: CdpBatchNative.Operation

    public func makeAsyncIterator() -> Iterator {
        Iterator(native: native)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let native: CdpBatchNative.Operation
        private var told: ArraySlice<String> = []
        private var isOver = false

        init(native: CdpBatchNative.Operation) {
            self.native = native
        }

        public mutating func next() async throws -> Event? {
            if isOver { return nil }
            if told.isEmpty {
                told = await native.nextEvents()[...]
            }
            let event: Event? = try told.popFirst().map { try decoded($0) }
            isOver = event == nil || event?.type == "done"
            return event
        }
    }
}

/// One thing that happened: its type, and what that type has, under the names of every language in Swift's casing.
public struct Event: Decodable, Sendable {
    /// `started`, `packed`, `allocated`, `uploaded`, `status`, `retry`, `progress` or `done`.
    public let type: String
    public let runId: String?
    public let part: UInt64?
    public let ref: String?
    public let from: String?
    public let to: String?
    public let stage: String?
    public let code: String?
    public let attempt: UInt32?
    public let delayMs: UInt64?
    public let read: UInt64?
    public let sent: UInt64?
    public let sentBytes: UInt64?
    public let confirmed: UInt64?
    public let rejected: UInt64?
}

/// A value from JSON with the names of every language.
func decoded<Value: Decodable>(_ json: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Value.self, from: Data(json.utf8))
}
