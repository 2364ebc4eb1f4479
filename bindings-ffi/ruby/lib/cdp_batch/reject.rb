# frozen_string_literal: true

module CdpBatch
  # A record that was refused.
  #
  # @!attribute [r] by
  #   @return [String] who refused it: `"us"`, before anything was sent, or `"service"`
  # @!attribute [r] source
  #   @return [String, nil] the source it came from, such as a file; nil if only the service's log is at hand
  # @!attribute [r] line
  #   @return [Integer, nil] the line it began on, from 1
  # @!attribute [r] ref
  #   @return [String, nil] its ref, if it has one
  # @!attribute [r] batch
  #   @return [String, nil] the batch it was in, if it was sent
  # @!attribute [r] byte_range
  #   @return [Array(Integer, Integer), nil] where it lies in the text of that batch: first byte, and the one after the last
  # @!attribute [r] code
  #   @return [String] why: the rule that it broke, such as `"envelope.ref"`, or the service's code, such as `"400"`
  # @!attribute [r] message
  #   @return [String] why, in words
  # @!attribute [r] help
  #   @return [String, nil] what usually helps; nil where nobody knows, or where the message says it
  # @!attribute [r] record
  #   @return [String] the record exactly as it was read, without its line break, valid UTF-8 or not; empty if it is not at
  #     hand
  Reject = Value.of(:by, :source, :line, :ref, :batch, :byte_range, :code, :message, :help, :record)

  # Reads records that were refused.
  # @api private
  module Rejects
    # @param native [Native::Rejects] reads them once
    # @yieldparam reject [Reject]
    def self.each(native)
      while (handle = Native.make(Native::Reject, :cdpb_rejects_next, native))
        known = Native.parsed(Native.cdpb_reject_json(handle))
        yield Reject.read(known.merge(help: Native.text(Native.cdpb_reject_help(handle)), record: record(handle)))
      end
    end

    # The bytes themselves: in JSON, those that are no UTF-8 would be lost.
    def self.record(handle)
      length = FFI::MemoryPointer.new(:size_t)
      pointer = Native.cdpb_reject_record(handle, length)
      bytes = pointer.null? ? +"" : pointer.read_bytes(length.read(:size_t))
      bytes.force_encoding(Encoding::UTF_8).freeze
    end
    private_class_method :record
  end
end
