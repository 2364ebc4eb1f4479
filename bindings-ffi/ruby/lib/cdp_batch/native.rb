# frozen_string_literal: true

require "json"
require "cdp_batch/library"

module CdpBatch
  # The C library, as include/cdp_batch.h declares it.
  # @api private
  module Native
    extend FFI::Library
    Library.load(self, "cdp_batch")

    # What this gem needs of the library.
    ABI = 2
    attach_function :cdpb_abi_version, [], :uint32
    if cdpb_abi_version < ABI
      raise LoadError, "libcdp_batch is older than this gem; install the library of version #{VERSION}"
    end

    OK = 0
    TIMEOUT = 213

    # A call that waits lets other threads run meanwhile. It waits in slices, after each of which Ruby looks for
    # interrupts.
    WAITS = { blocking: true }.freeze

    # Functions that return a code, and take a place for an error last.
    {
      cdpb_client_new: %i[string string string string string pointer],
      cdpb_client_from_env: %i[string pointer],
      cdpb_client_upload: %i[pointer pointer string pointer],
      cdpb_client_submit: %i[pointer pointer string pointer],
      cdpb_client_validate: %i[pointer pointer string pointer],
      cdpb_client_pack: %i[pointer pointer string string pointer],
      cdpb_client_resume: %i[pointer string pointer],
      cdpb_client_runs: %i[pointer pointer],
      cdpb_client_reconcile: %i[pointer pointer],
      cdpb_client_wait: %i[pointer pointer string pointer],
      cdpb_client_report: %i[pointer pointer pointer],
      cdpb_client_batch_status: %i[pointer string pointer],
      cdpb_client_batch_wait: %i[pointer string pointer],
      cdpb_client_batch_errors: %i[pointer string pointer],
      cdpb_client_batches: %i[pointer string pointer],
      cdpb_source_from_path: %i[string pointer],
      cdpb_source_from_paths: %i[pointer pointer],
      cdpb_source_from_glob: %i[string pointer],
      cdpb_source_from_bytes: %i[pointer size_t pointer],
      cdpb_source_from_rows: %i[pointer pointer],
      cdpb_source_from_stream: %i[string pointer pointer],
      cdpb_writer_finish: %i[pointer],
      cdpb_operation_take_report: %i[pointer pointer],
      cdpb_operation_take_run: %i[pointer pointer],
      cdpb_operation_take_rejects: %i[pointer pointer],
      cdpb_operation_take_packed: %i[pointer pointer],
      cdpb_operation_take_json: %i[pointer pointer],
      cdpb_run_wait: %i[pointer pointer],
      cdpb_report_rejects: %i[pointer pointer],
      cdpb_report_records_to_repeat: %i[pointer pointer],
      cdpb_rejects_next: %i[pointer pointer],
      cdpb_packed_rejects: %i[pointer pointer],
      cdpb_batches_next: %i[pointer pointer]
    }.each { |name, arguments| attach_function name, [*arguments, :pointer], :int32 }

    # Writing a file may take as long as the disk wants.
    attach_function :cdpb_report_write_rejects, %i[pointer string pointer pointer], :int32, **WAITS

    # The same function twice: a push that does not wait costs no change of threads.
    PUSH = %i[pointer pointer size_t uint64 pointer].freeze
    attach_function :cdpb_writer_push, PUSH, :int32
    attach_function :cdpb_writer_push_waiting, :cdpb_writer_push, PUSH, :int32, **WAITS
    attach_function :cdpb_writer_abandon, %i[pointer], :void

    attach_function :cdpb_operation_wait, %i[pointer uint64], :bool, **WAITS
    attach_function :cdpb_operation_next_event, %i[pointer uint64], :pointer, **WAITS
    attach_function :cdpb_operation_cancel, %i[pointer], :void

    attach_function :cdpb_error_json, %i[pointer], :pointer
    attach_function :cdpb_error_report, %i[pointer pointer], :bool
    attach_function :cdpb_run_id, %i[pointer], :pointer
    attach_function :cdpb_run_ref, %i[pointer size_t], :pointer
    attach_function :cdpb_report_json, %i[pointer], :pointer
    attach_function :cdpb_reject_json, %i[pointer], :pointer
    attach_function :cdpb_reject_help, %i[pointer], :pointer
    attach_function :cdpb_reject_record, %i[pointer pointer], :pointer
    attach_function :cdpb_packed_json, %i[pointer], :pointer
    attach_function :cdpb_string_free, %i[pointer], :void

    # An object of the library, freed when nothing holds it any more.
    class Handle < FFI::AutoPointer
      class << self
        # @param name [Symbol] the function that frees it
        def freed_by(name)
          Native.attach_function name, %i[pointer], :void
          @free = name
        end

        # Called by FFI, once.
        def release(pointer)
          Native.public_send(@free, pointer)
        end
      end
    end

    { Client: :cdpb_client_free, Source: :cdpb_source_free, Writer: :cdpb_writer_free,
      Operation: :cdpb_operation_free, Run: :cdpb_run_free, Report: :cdpb_report_free, Rejects: :cdpb_rejects_free,
      Reject: :cdpb_reject_free, Packed: :cdpb_packed_free, Batches: :cdpb_batches_free,
      Failure: :cdpb_error_free }.each do |name, free|
      const_set(name, Class.new(Handle) { freed_by free })
    end

    class << self
      # Calls a function that can fail.
      #
      # @param kinds [Class, Array<Class>] what it makes: a {Handle}, or `String` for text that it gives away
      # @return [Object, Array<Object>, nil] what it made; nil where it wrote NULL
      # @raise [Error] what it failed with
      def make(kinds, function, *arguments)
        made, error = try(Array(kinds), function, *arguments)
        raise error if error

        kinds.is_a?(Array) ? made : made.first
      end

      # Calls a function that can fail and makes nothing.
      #
      # @return [void]
      # @raise [Error] what it failed with
      def call(function, *arguments)
        make([], function, *arguments)
      end

      # Calls a function that can fail, and raises nothing.
      #
      # @return [Array(Array<Object>), Array(nil, Error)] what it made, or what it failed with
      def try(kinds, function, *arguments)
        # What is made has an owner before anything else can happen.
        Thread.handle_interrupt(Object => :never) do
          *places, failed = Array.new(kinds.size + 1) { FFI::MemoryPointer.new(:pointer) }
          code = public_send(function, *arguments, *places, failed)
          next [nil, failure(failed.read_pointer)] unless code == OK

          [kinds.zip(places).map { |kind, place| owned(kind, place.read_pointer) }]
        end
      end

      # @return [String, nil] text that was given away
      def taken(pointer)
        text(pointer)
      ensure
        cdpb_string_free(pointer)
      end

      # @return [String, nil] text that belongs to an object
      def text(pointer)
        pointer.read_string.force_encoding(Encoding::UTF_8) unless pointer.null?
      end

      # @return [Object] JSON text that was given away, as frozen values with symbols for names
      def parsed(pointer)
        parse(taken(pointer))
      end

      # @return [Object] frozen values with symbols for names
      def parse(json)
        JSON.parse(json, symbolize_names: true, freeze: true)
      end

      # @param texts [Array<String>]
      # @yieldparam pointer [FFI::Pointer] the texts as C wants them, as long as the block runs
      def texts(texts)
        held = texts.map { |text| FFI::MemoryPointer.from_string(text) }
        list = FFI::MemoryPointer.new(:pointer, held.size + 1)
        list.write_array_of_pointer(held)
        yield list
      end

      private

      def owned(kind, pointer)
        return if pointer.null?

        kind == String ? taken(pointer) : kind.new(pointer)
      end

      # The exception for an error of the library.
      def failure(pointer)
        handle = Failure.new(pointer)
        fields = parsed(cdpb_error_json(handle))
        place = FFI::MemoryPointer.new(:pointer)
        report = CdpBatch::Report.new(Report.new(place.read_pointer)) if cdpb_error_report(handle, place)
        BY_CODE.fetch(fields[:code], Error).new(fields[:message], **fields.except(:message), report: report)
      end
    end
  end
end
