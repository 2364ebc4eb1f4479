# frozen_string_literal: true

module CdpBatch
  # Work under way on threads of the library, and the one way to wait for it on a thread of Ruby.
  # @api private
  class Call
    # How long a wait keeps Ruby from looking for interrupts.
    SLICE_MS = 50
    # So many slices are waited for the end of work that was stopped: a busy disk may take a while, and what hangs in a
    # read never ends.
    PATIENCE = 40

    # @param source [Source, nil] what it reads
    # @param on_event [#call, nil] who listens
    # @yieldparam source [Native::Source, nil]
    # @yieldreturn [Native::Operation] the work, started
    def initialize(source: nil, on_event: nil, &start)
      @source = source
      @on_event = on_event
      @start = start
    end

    # Starts the work unless it was. Nothing can come between its start and its having an owner.
    #
    # @return [self]
    def start
      Thread.handle_interrupt(Object => :never) do
        next if @operation

        source, @feed = @source&.open
        @operation = @start.call(source)
      end
      self
    end

    # Starts the work, feeds it, waits for its end, and gives its outcome. Whatever comes in between, an
    # interrupt or what a source or a listener raises, stops the work first.
    #
    # @param kind [Class] a {Native::Handle}, or `String` for JSON text
    # @return [Object] what the work ended with
    def run(kind)
      is_over = false
      start
      feed
      wait
      is_over = true
      Native.make(kind, TAKERS.fetch(kind), @operation)
    rescue Exception => reason
      raise if is_over

      is_over = true
      ended = stopped(kind)
      raise reason, cause: reason.cause || ended
    ensure
      # A thread that is killed, and a `throw`, end here without an exception.
      stop unless is_over
    end

    # Pushes one piece, waiting while the queue is full.
    #
    # @return [Boolean] false when nothing reads any more
    def push(piece)
      code = @feed.push(piece, 0)
      while code == Native::TIMEOUT
        tell
        code = @feed.push(piece, SLICE_MS)
      end
      code == Native::OK
    end

    # @return [Boolean] whether the work is over, after at most so many milliseconds
    def over?(wait_ms = 0)
      Native.cdpb_operation_wait(@operation, wait_ms)
    end

    # @return [Hash, nil] the next event, if one comes within so many milliseconds
    def next_event(wait_ms)
      pointer = Native.cdpb_operation_next_event(@operation, wait_ms)
      Native.parsed(pointer) unless pointer.null?
    end

    # Asks the work to stop.
    def cancel
      Native.cdpb_operation_cancel(@operation)
    end

    # Gives up, and waits a moment for the end.
    #
    # @return [Boolean] whether the work is over
    def stop
      return false unless @operation

      @feed&.abandon
      cancel
      PATIENCE.times.any? { over?(SLICE_MS) }
    end

    TAKERS = {
      Native::Report => :cdpb_operation_take_report, Native::Run => :cdpb_operation_take_run,
      Native::Rejects => :cdpb_operation_take_rejects, Native::Packed => :cdpb_operation_take_packed,
      String => :cdpb_operation_take_json
    }.freeze
    private_constant :TAKERS

    private

    def feed
      return unless @feed

      @feed.pieces.each { |piece| return @feed.abandon unless push(piece) }
      @feed.finish
    end

    def wait
      tell(SLICE_MS) until over?(@on_event ? 0 : SLICE_MS)
      tell
    end

    # Hands on the events that are there, and those that come within so many milliseconds of the last. What comes after
    # the end of {Client#submit} is for who goes on with the run.
    def tell(wait_ms = 0)
      while @on_event && !@is_told && (event = next_event(wait_ms))
        @is_told = event[:type] == "done"
        @on_event.call(event)
      end
    end

    # Stops the work.
    #
    # @return [Error, nil] how it ended, which tells the run and what is known of it
    def stopped(kind)
      return unless stop

      tell_the_rest
      # It must not have what stopped it for its cause: it is to be the cause of that.
      _, ended = Native.try([kind], TAKERS.fetch(kind), @operation)
      ended
    end

    def tell_the_rest
      tell
    rescue StandardError
      # What the listener raised first is what counts.
    end
  end
end
