# frozen_string_literal: true

module CdpBatch
  # A run whose parts are all accepted by storage, and the wait until the service has processed them.
  #
  #   run = client.submit("guests.ndjson")
  #   store(run.refs)                 # all that another process needs to carry on, with Client#wait and Client#report
  #   report = run.value
  class Run
    # @return [String] the run's name
    attr_reader :run_id
    # @return [Array<String>] the refs of its batches, in order
    attr_reader :refs

    # @api private
    def initialize(native)
      @run_id = Native.text(Native.cdpb_run_id(native)).freeze
      refs = (0..).lazy.map { |index| Native.text(Native.cdpb_run_ref(native, index)) }
      @refs = refs.take_while(&:itself).map(&:freeze).to_a.freeze
      @call = Call.new { Native.make(Native::Operation, :cdpb_run_wait, native) }
    end

    # Waits until every batch is processed. Here, unlike in {#value}, an interrupt ends this wait and nothing else.
    #
    # @param timeout [Numeric, nil] at most so many seconds
    # @return [Boolean] whether it is over; {#value} then gives its outcome at once
    def wait(timeout = nil)
      @call.start
      deadline = timeout && (now + timeout)
      loop do
        left_ms = deadline ? [((deadline - now) * 1_000).ceil, 0].max : Call::SLICE_MS
        return true if @call.over?([left_ms, Call::SLICE_MS].min)
        return false if left_ms.zero?
      end
    end

    # Waits until every batch is processed, and tells what came of it.
    #
    # @return [Report]
    # @raise [ClosedError] it was asked before
    # @raise [Error] as {Client#upload}
    def value
      Report.new(@call.run(Native::Report))
    end

    # What happens until every batch is processed, and what happened since {Client#submit} and nobody was told.
    #
    # @yieldparam event [Hash{Symbol => Object}] its `:type` and fields; the last has the type `"done"`
    # @return [Enumerator<Hash>, self] an enumerator without a block
    def each_event
      return enum_for(:each_event) unless block_given?

      @call.start
      loop do
        event = @call.next_event(Call::SLICE_MS)
        yield event if event
        return self if event.nil? && @call.over?
      end
    end

    # Stops waiting: {#value} then raises {CancelledError}. The service goes on.
    #
    # @return [self]
    def cancel
      @call.start.cancel
      self
    end

    # @return [String] its name and how many batches it has
    def inspect
      "#<#{self.class} #{run_id}, batches: #{refs.size}>"
    end

    private

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
