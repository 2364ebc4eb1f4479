# frozen_string_literal: true

require "cdp_batch"

module CdpBatch
  # A local Batch API to test jobs against: no tenant, no network beyond this machine. It is stricter than the service's
  # documents, and fails on purpose where a test asks it to. Not for production: its library, `libcdp_batch_testing`, is one
  # of its own.
  #
  #   require "cdp_batch/testing"
  #
  #   CdpBatch::Testing::Emulator.open do |emulator|
  #     emulator.client.upload([guest])
  #     assert_equal [guest], emulator.arrived.map { |arrived| JSON.parse(arrived.text) }
  #   end
  module Testing
    # The library for tests, as include/cdp_batch_testing.h declares it.
    # @api private
    module Native
      extend FFI::Library
      Library.load(self, "cdp_batch_testing")

      attach_function :cdpb_emulator_start, %i[string], :pointer
      attach_function :cdpb_emulator_base_url, %i[pointer], :pointer
      attach_function :cdpb_emulator_arrived, %i[pointer], :pointer
      attach_function :cdpb_emulator_batches, %i[pointer], :pointer
      attach_function :cdpb_emulator_requests, %i[pointer], :pointer
      attach_function :cdpb_emulator_set_faults, %i[pointer string], :bool
      attach_function :cdpb_emulator_advance_clock, %i[pointer uint64], :void
      attach_function :cdpb_emulator_free, %i[pointer], :void
      attach_function :cdpb_emulator_string_free, %i[pointer], :void

      # An emulator, ended when nothing holds it any more.
      class Handle < FFI::AutoPointer
        def self.release(pointer)
          Native.cdpb_emulator_free(pointer)
        end
      end
    end

    # A record that the emulator accepted.
    #
    # @!attribute [r] batch_ref
    #   @return [String] the batch it came in
    # @!attribute [r] index
    #   @return [Integer] its line in the batch, from 0; refused lines count too
    # @!attribute [r] ref
    #   @return [String, nil] its own `ref`
    # @!attribute [r] text
    #   @return [String] the line exactly as it arrived, without its ending
    # @!attribute [r] code
    #   @return [String] code of the outcome, always `2xx`
    # @!attribute [r] message
    #   @return [String] message of the outcome
    ArrivedRecord = Value.of(:batch_ref, :index, :ref, :text, :code, :message)

    # A batch as the emulator knows it.
    #
    # @!attribute [r] ref
    #   @return [String] the batch ref
    # @!attribute [r] status
    #   @return [String] its status now
    # @!attribute [r] size
    #   @return [Integer] its size as declared, in bytes
    # @!attribute [r] uploads
    #   @return [Integer] how often its file was uploaded whole; more than once is against the documents
    # @!attribute [r] violations
    #   @return [Array<String>] what the file or the uploads did against the documents
    StoredBatch = Value.of(:ref, :status, :size, :uploads, :violations)

    # A request that the emulator got. Header values, queries and credentials are never kept.
    #
    # @!attribute [r] endpoint
    #   @return [String, nil] `allocate`, `upload`, `status`, `inspect`, `list` or `log`; nil for an unknown path
    # @!attribute [r] ref
    #   @return [String, nil] the batch in the path
    # @!attribute [r] method
    #   @return [String] HTTP method
    # @!attribute [r] path
    #   @return [String] path without query
    # @!attribute [r] status
    #   @return [Integer, nil] HTTP status of the answer; nil if there was none
    # @!attribute [r] faults
    #   @return [Array<String>] the faults that it met
    # @!attribute [r] violations
    #   @return [Array<String>] what it did against the documents
    Request = Value.of(:endpoint, :ref, :method, :path, :status, :faults, :violations)

    # A Batch API with its storage, on this machine and in this process, until it is closed.
    class Emulator
      # Makes a client of it ask and try again within milliseconds.
      IMPATIENT = { wait: { min_ms: 5, max_ms: 40 }, retry: { base_ms: 1, max_ms: 10 } }.freeze
      private_constant :IMPATIENT

      # @return [String] the Client Key that it wants
      attr_reader :client_key
      # @return [String] the API Token that it wants
      attr_reader :api_token

      # @param client_key [String] the Client Key that it wants
      # @param api_token [String] the API Token that it wants
      # @param faults [Hash, nil] what goes wrong, as the emulator's README has it; by default nothing
      # @param records_per_second [Numeric, nil] how fast batches are processed; by default at once
      # @raise [ArgumentError] the fault plan or the pace is not valid; standard error says why
      def initialize(client_key: "emulatorclientkey000000000000000", api_token: "emulator-api-token", faults: nil,
                     records_per_second: nil)
        @client_key = client_key
        @api_token = api_token
        settings = { client_key: client_key, api_token: api_token, faults: faults,
                     records_per_second: records_per_second }
        started = Native.cdpb_emulator_start(JSON.generate(settings))
        raise ArgumentError, "the emulator's settings are not valid; standard error says why" if started.null?

        @native = Native::Handle.new(started)
      end

      # An emulator that is closed after the block.
      #
      # @param settings as for {#initialize}
      # @yieldparam emulator [Emulator]
      # @return [Object] what the block gives
      def self.open(**settings)
        emulator = new(**settings)
        yield emulator
      ensure
        emulator&.close
      end

      # @return [String] what a client takes as `base_url`
      def base_url
        Native.cdpb_emulator_base_url(native).read_string
      end

      # @return [Hash{String => String}] the variables from which {Client.from_env} takes this service
      def environment
        { "CDP_BASE_URL" => base_url, "CDP_CLIENT_KEY" => client_key, "CDP_API_TOKEN" => api_token }
      end

      # @param options as for {Client#initialize}; unless they say otherwise it asks and tries again within milliseconds
      # @return [Client] a client of this service
      def client(**options)
        Client.new(base_url: base_url, client_key: client_key, api_token: api_token, **IMPATIENT, **options)
      end

      # @return [Array<ArrivedRecord>] every record accepted so far, in the order of processing
      def arrived
        told(:cdpb_emulator_arrived, ArrivedRecord)
      end

      # @return [Array<StoredBatch>] every batch, in the order of allocation
      def batches
        told(:cdpb_emulator_batches, StoredBatch)
      end

      # @return [Array<Request>] every request, in the order of arrival
      def requests
        told(:cdpb_emulator_requests, Request)
      end

      # Replaces the fault plan; requests are counted anew.
      #
      # @param faults [Hash] what goes wrong from now on
      # @raise [ArgumentError] the plan is not valid
      def faults=(faults)
        is_valid = Native.cdpb_emulator_set_faults(native, JSON.generate(faults))
        raise ArgumentError, "the fault plan is not valid" unless is_valid
      end

      # Moves the emulator's clock forward: addresses expire, batches leave the list of 30 days.
      #
      # @param seconds [Numeric] how far
      # @return [void]
      def advance_clock(seconds)
        Native.cdpb_emulator_advance_clock(native, (seconds * 1_000).round)
      end

      # Ends it. Again does nothing.
      #
      # @return [void]
      def close
        @native&.free
        @native = nil
      end

      private

      def native
        @native or raise ArgumentError, "this emulator is closed"
      end

      def told(function, kind)
        text = Native.public_send(function, native)
        CdpBatch::Native.parse(text.read_string.force_encoding(Encoding::UTF_8)).map { |known| kind.read(known) }
      ensure
        Native.cdpb_emulator_string_free(text) if text
      end
    end
  end
end
