# frozen_string_literal: true

module CdpBatch
  # A batch by its ref alone, whoever sent it.
  class Batch
    # @return [String] its ref
    attr_reader :ref

    # @api private
    def initialize(handle, ref)
      @handle = handle
      @ref = ref
    end

    # @return [BatchInfo] what the service says of it now
    # @raise [NotFoundError] the service does not know it
    def status
      info(:cdpb_client_batch_status)
    end

    # Waits until it has finished.
    #
    # @return [BatchInfo]
    # @raise [TimeoutError] it did not finish for the client's `wait.timeout_ms`. It is not lost: wait again
    # @raise [NotFoundError] the service does not know it
    def wait
      info(:cdpb_client_batch_wait)
    end

    # The records that the service refused. They have neither source nor record: only the service's log is at hand.
    #
    # @return [Array<Reject>]
    # @raise [NotFoundError] the service does not know it
    def errors
      Rejects.enum_for(:each, call(:cdpb_client_batch_errors).run(Native::Rejects)).to_a
    end

    # @return [String] its ref
    def inspect
      "#<#{self.class} #{ref}>"
    end

    private

    def info(function)
      BatchInfo.read(Native.parse(call(function).run(String)))
    end

    def call(function)
      Call.new { @handle.use { |client| Native.make(Native::Operation, function, client, ref) } }
    end
  end
end
