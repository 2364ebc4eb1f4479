# frozen_string_literal: true

module CdpBatch
  # An upload that is fed row by row. Rows may come from several threads.
  #
  #   report = client.writer(schema: "guest", mode: "upsert", ref_field: "email") do |writer|
  #     queue.each { |message| writer << message.body }
  #   end
  class Writer
    # @api private
    def initialize(call)
      @call = call.start
      @written = 0
      @report = nil
    end

    # Pushes one row; waits while the queue is full.
    #
    # @param row [Hash, String] as for {Client#upload}
    # @return [self]
    # @raise [InvalidRecordError] no JSON can be made of the row
    # @raise [Error] the run has ended early; this says why
    def write(row)
      close unless @call.push(Row.line(row, @written += 1))
      self
    end
    alias << write

    # Says that all rows were written, and does the rest of {Client#upload}.
    #
    # @return [Report] what came of the run; the same when it is called again
    # @raise [Error] as {Client#upload}
    def close
      @report ||= Report.new(@call.run(Native::Report))
    end

    # Gives up: the rows so far are not all. A run that has a `state_dir` keeps what it has sent.
    #
    # @return [void]
    def abandon
      @call.stop
    end
  end
end
