# frozen_string_literal: true

module CdpBatch
  # Uploads records to Sitecore CDP, waits until they are processed, and explains every one that was refused.
  #
  # Each call blocks, and other threads run meanwhile. An interrupt (Ctrl-C), `Thread#kill`, `Timeout.timeout` and whatever
  # a source or a listener raises stop the call within a moment, come through as they are, and have a {CancelledError} as
  # their `cause` unless they have one already: it names the run, which can be carried on with. A client may be used by
  # many threads; after a fork, make a new one.
  #
  # Every call takes options as keywords; the README of the project lists them. One that does not exist is an
  # {InvalidOptionsError}, which names the nearest that does.
  class Client
    # @param client_key [String] the Client Key, from Settings > API access in Sitecore CDP
    # @param api_token [String] the API Token, from the same page
    # @param region [String, Symbol, nil] `"eu"`, `"us"`, `"ap"` or `"jp"`; or else
    # @param base_url [String, nil] the address of the service
    # @param options defaults of every call, and how the service is reached
    # @raise [InvalidOptionsError] something is missing, unknown or out of range; the message names it
    def initialize(client_key:, api_token:, region: nil, base_url: nil, **options)
      if region.nil? == base_url.nil?
        raise InvalidOptionsError.new("give either region or base_url, and not both", stage: "options")
      end

      @handle = Shared.new do
        Native.make(Native::Client, :cdpb_client_new, region&.to_s, base_url, client_key, api_token, json(options))
      end
    end

    # A client from the environment: `CDP_REGION` or `CDP_BASE_URL`, `CDP_CLIENT_KEY` and `CDP_API_TOKEN`.
    #
    # @param options as for {#initialize}
    # @return [Client]
    # @raise [InvalidOptionsError] a variable is missing; the message names it
    def self.from_env(**options)
      client = allocate
      client.send(:read_environment, options)
      client
    end

    # A client that is closed after the block.
    #
    # @param options as for {#initialize}; without a `client_key`, as for {.from_env}
    # @yieldparam client [Client]
    # @return [Object] what the block gives
    def self.open(**options)
      client = options.key?(:client_key) ? new(**options) : from_env(**options)
      yield client
    ensure
      client&.close
    end

    # Gives back connections. Work under way goes on; later calls raise {ClosedError}.
    #
    # @return [void]
    def close
      @handle.close
    end

    # Checks, packs, uploads, waits and explains.
    #
    # @param source [String, Pathname, #read, #each, Source] records: a path; something to read from, such as a File or
    #   StringIO, from where it stands and left open; rows; or what {CdpBatch.bytes}, {CdpBatch.files} and {CdpBatch.glob}
    #   make. A row is a Hash, which is written as JSON (a Time as UTC with milliseconds, a BigDecimal with its digits),
    #   or a String of JSON, which is sent byte for byte. Rows are taken on this thread, no faster than they are sent
    # @param on_event [#call, nil] called with each event, a Hash with its `:type` and fields, on this thread
    # @param options what is different for this run
    # @return [Report] what came of the run
    # @raise [RecordsRejectedError] records were refused; everything else was loaded. Its `report` tells which and why
    # @raise [BatchCorruptedError] the service could not read a batch
    # @raise [Error] anything else
    def upload(source, on_event: nil, **options)
      Report.new(reading(:cdpb_client_upload, source, options, on_event).run(Native::Report))
    end

    # Like {#upload}, but returns as soon as storage has accepted every part.
    #
    # @param source as for {#upload}
    # @param on_event as for {#upload}
    # @param options as for {#upload}
    # @return [Run] goes on with it
    # @raise [Error] as {#upload}, but for what comes of the last parts
    def submit(source, on_event: nil, **options)
      Run.new(reading(:cdpb_client_submit, source, options, on_event).run(Native::Run))
    end

    # An upload that is fed row by row. With a block it is closed after it, and given up if the block raises, so that half
    # the rows are never taken for all.
    #
    # @param on_event as for {#upload}; it is called while rows wait and while the writer is closed
    # @param options as for {#upload}
    # @yieldparam writer [Writer]
    # @return [Report, Writer] what came of the run; without a block, the writer
    # @raise [Error] as {#upload}
    def writer(on_event: nil, **options)
      writer = Writer.new(reading(:cdpb_client_upload, [], options, on_event))
      return writer unless block_given?

      begin
        is_written = false
        yield writer
        is_written = true
      ensure
        writer.abandon unless is_written
      end
      writer.close
    end

    # Checks every record without sending anything.
    #
    # @param source as for {#upload}
    # @param options as for {#upload}; `check: "model"` looks closest
    # @return [CheckReport] what was found, each finding with its place
    # @raise [IoError] the source cannot be read
    def validate(source, **options)
      CheckReport.read(Native.parse(reading(:cdpb_client_validate, source, options).run(String)))
    end

    # Packs records into files as the service wants them, without sending anything.
    #
    # @param source as for {#upload}
    # @param folder [String, Pathname] where the files go, named `00000.json.gz` and so on; made if needed
    # @param options as for {#upload}
    # @return [PackReport] the files, with their size and MD5, and the records that are in none of them
    # @raise [IoError] the source or the folder cannot be used
    def pack(source, folder, **options)
      PackReport.new(reading(:cdpb_client_pack, source, options, nil, folder.to_s).run(Native::Packed))
    end

    # @param ref [String] the ref of a batch
    # @return [Batch] nothing is asked yet
    def batch(ref)
      Batch.new(@handle, ref.to_s)
    end

    # The batches of the last 30 days, fetched page by page as they are read, and anew each time.
    #
    # @param status [String, Symbol, Array] only with this status, or one of these
    # @param query `created_after`, `created_before`, `modified_after`, `modified_before` (a Time, or text as the service
    #   spells it), `ref_prefix`, `sort` (`"created"`, `"-created"`, `"modified"`, `"-modified"`), `limit`
    # @return [Enumerator<BatchInfo>]
    # @raise [InvalidOptionsError] the query is not valid
    def batches(status: [], **query)
      query = json(status: Array(status), **query)
      list = -> { @handle.use { |client| Native.make(Native::Batches, :cdpb_client_batches, client, query) } }
      list.call
      Enumerator.new do |found|
        batches = list.call
        following = -> { Call.new { Native.make(Native::Operation, :cdpb_batches_next, batches) }.run(String) }
        while (batch = following.call)
          found << BatchInfo.read(Native.parse(batch))
        end
      end
    end

    # Waits until these batches have finished. Any process may: nothing on this machine is needed.
    #
    # @param refs [Array<String>] such as {Run#refs}
    # @param options as for {#upload}
    # @return [Array<BatchInfo>] in the order of the refs
    # @raise [TimeoutError] none finished for `wait.timeout_ms`. They are not lost: wait again
    def wait(refs, **options)
      answer = of_refs(:cdpb_client_wait, refs, json(options)).run(String)
      Native.parse(answer).map { |batch| BatchInfo.read(batch) }
    end

    # Asks what came of these batches.
    #
    # @param refs [Array<String>] such as {Run#refs}
    # @return [Report] whose rejects have neither source nor record
    # @raise [Error] as {#upload}
    def report(refs)
      Report.new(of_refs(:cdpb_client_report, refs).run(Native::Report))
    end

    # @return [Array<RunInfo>] every run in the journal of `state_dir`, the latest first
    # @raise [InvalidOptionsError] the client has no `state_dir`
    # @raise [JournalError] the folder holds no journal that can be read
    def runs
      runs = @handle.use { |client| Native.make(String, :cdpb_client_runs, client) }
      Native.parse(runs).map { |run| RunInfo.read(run) }
    end

    # Goes on with a run from its journal in `state_dir`: nothing is lost, and nothing is sent twice. {#upload} with the
    # same `run_id`, source and options means the same.
    #
    # @param run_id [String] the run's name
    # @param on_event as for {#upload}
    # @return [Report] what came of the run
    # @raise [JournalError] the run is not there, or was fed from something that cannot be read again from here
    # @raise [Error] as {#upload}
    def resume(run_id, on_event: nil)
      call = Call.new(on_event: on_event) do
        @handle.use { |client| Native.make(Native::Operation, :cdpb_client_resume, client, run_id) }
      end
      Report.new(call.run(Native::Report))
    end

    # Compares the journal of `state_dir` with the service's list of the last 30 days.
    #
    # @return [Reconciliation]
    # @raise [InvalidOptionsError] the client has no `state_dir`
    # @raise [JournalError] the folder holds no journal that can be read
    def reconcile
      call = Call.new do
        @handle.use { |client| Native.make(Native::Operation, :cdpb_client_reconcile, client) }
      end
      Reconciliation.read(Native.parse(call.run(String)))
    end

    # @return [String] nothing that is secret
    def inspect
      "#<#{self.class}>"
    end

    # A handle that one thread may close while others use it.
    # @api private
    class Shared
      def initialize
        @lock = Mutex.new
        @native = yield
      end

      # @yieldparam native [Native::Handle] for a call that does not wait
      def use
        @lock.synchronize do
          raise ClosedError.new("this client is closed; make a new one", stage: "options") unless @native

          yield @native
        end
      end

      def close
        @lock.synchronize do
          @native&.free
          @native = nil
        end
      end
    end
    private_constant :Shared

    private

    def read_environment(options)
      @handle = Shared.new { Native.make(Native::Client, :cdpb_client_from_env, json(options)) }
    end

    # A call that reads a source.
    def reading(function, source, options, on_event = nil, *folder)
      options = json(options)
      Call.new(source: Source.of(source), on_event: on_event) do |native|
        @handle.use { |client| Native.make(Native::Operation, function, client, native, *folder, options) }
      end
    end

    # A call that is about batches.
    def of_refs(function, refs, *options)
      Call.new do
        @handle.use do |client|
          Native.texts(refs.map(&:to_s)) do |texts|
            Native.make(Native::Operation, function, client, texts, *options)
          end
        end
      end
    end

    # Options and queries as JSON text.
    def json(options)
      Row.json(options)
    end
  end
end
