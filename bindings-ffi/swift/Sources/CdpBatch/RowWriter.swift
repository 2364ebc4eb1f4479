import CdpBatchNative
import Foundation

/// An upload that is fed row by row: ``write(_:)`` rows, then ``finish()``. One that is given up, or let go, ends its run:
/// half the rows are never taken for all.
public actor RowWriter {
    private let native: Writer
    private let operation: Operation<RunReport>

    init(_ native: Writer, _ operation: Operation<RunReport>) {
        (self.native, self.operation) = (native, operation)
    }

    /// Writes JSON of one record; suspends while there is no room. Throws what ended the run, if nothing reads any more.
    public func write(_ row: Data) async throws {
        try Task.checkCancellation()
        guard await native.takes(row) else {
            _ = try await operation.value()
            return
        }
    }

    /// Says that every row was written, and waits for what came of the run.
    public func finish() async throws -> RunReport {
        native.finish()
        return try await operation.value()
    }

    /// Gives the run up, unless it is finished.
    public func abandon() {
        native.abandon()
    }
}

extension Client {
    /// An upload that is fed row by row.
    public func writer(options: Options = [:]) throws -> RowWriter {
        let (options, writer) = (try json(options), Writer.rows())
        return RowWriter(writer, Operation(try native.upload(source: writer.source(), options: options), read: reportOf))
    }
}
