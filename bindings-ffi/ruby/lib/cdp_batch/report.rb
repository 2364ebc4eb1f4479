# frozen_string_literal: true

module CdpBatch
  # How many records went which way: `read == confirmed + rejected + unknown`.
  #
  # @!attribute [r] read
  #   @return [Integer] records read from the source, bad ones included
  # @!attribute [r] packed
  #   @return [Integer] records put into parts
  # @!attribute [r] sent
  #   @return [Integer] records in parts that storage accepted
  # @!attribute [r] confirmed
  #   @return [Integer] records the service confirmed
  # @!attribute [r] rejected
  #   @return [Integer] records refused, by us or by the service
  # @!attribute [r] unknown
  #   @return [Integer] records whose fate is not known: not sent, not yet processed, or in a batch that failed as a whole
  Counts = Value.of(:read, :packed, :sent, :confirmed, :rejected, :unknown)

  # One batch of a run.
  #
  # @!attribute [r] ref
  #   @return [String] its ref, a UUID
  # @!attribute [r] status
  #   @return [String] the service's last word on it; `"packed"` before it was sent
  # @!attribute [r] size
  #   @return [Integer, nil] its size in bytes
  # @!attribute [r] md5
  #   @return [String, nil] its MD5 in hex
  # @!attribute [r] records
  #   @return [Integer, nil] records packed into it; nil if another process did
  # @!attribute [r] total
  #   @return [Integer, nil] records the service read
  # @!attribute [r] succeeded
  #   @return [Integer, nil] records the service took
  # @!attribute [r] failed
  #   @return [Integer, nil] records the service refused
  # @!attribute [r] logged
  #   @return [Integer, nil] records that its error log refuses; nil without a log. It may disagree with `failed`
  # @!attribute [r] created_at
  #   @return [String, nil] when it was allocated, as the service spells it
  # @!attribute [r] modified_at
  #   @return [String, nil] when it last changed, as the service spells it
  BatchReport = Value.of(:ref, :status, :size, :md5, :records, :total, :succeeded, :failed, :logged, :created_at,
                         :modified_at)

  # Records that were refused for the same reason.
  #
  # @!attribute [r] code
  #   @return [String] the rule that was broken, or the service's code
  # @!attribute [r] message
  #   @return [String] the message, with `...` for what differs from record to record
  # @!attribute [r] count
  #   @return [Integer] how many records
  # @!attribute [r] help
  #   @return [String, nil] what usually helps; nil where nobody knows, or where the message says it
  # @!attribute [r] examples
  #   @return [Array<Hash{Symbol => Object}>] where to find some of them: `source`, `line`, `ref`
  Reason = Value.of(:code, :message, :count, :help, :examples)

  # What came of a run. It is frozen.
  class Report
    # Reasons that a printed report names.
    REASONS_SHOWN = 3
    private_constant :REASONS_SHOWN

    # @return [String] the run's name; empty in a report made from refs alone
    attr_reader :run_id
    # @return [Counts] how many records went which way
    attr_reader :counts
    # @return [Array<BatchReport>] every batch, in order
    attr_reader :batches
    # @return [Array<Reason>] why records were refused: equal reasons together, the most frequent first
    attr_reader :summary
    # @return [Array<Reason>] why records that the service took must be sent again: a deletion that matched several guests
    #   deleted one
    attr_reader :repeats

    # @api private
    def initialize(native)
      @native = native
      @json = Native.taken(Native.cdpb_report_json(native)).freeze
      @known = Native.parse(@json)
      @run_id = @known[:run_id]
      @counts = Counts.read(@known[:counts])
      @batches = @known[:batches].map { |batch| BatchReport.read(batch) }.freeze
      @summary = @known[:summary].map { |reason| Reason.read(reason) }.freeze
      @repeats = @known[:repeats].map { |reason| Reason.read(reason) }.freeze
      freeze
    end

    # @return [Boolean] whether every record that was read is confirmed
    def ok?
      @known[:ok]
    end

    # @return [Boolean] whether this run found parts that were sent before
    def resumed?
      @known[:resumed]
    end

    # Every record that was refused, in the order of the input, read one by one, and from the first with every call.
    #
    # @yieldparam reject [Reject]
    # @return [Enumerator<Reject>, self] an enumerator without a block
    # @raise [IoError] the temporary file that holds them cannot be read
    def each_reject(&block)
      return enum_for(:each_reject) { counts.rejected } unless block

      Rejects.each(Native.make(Native::Rejects, :cdpb_report_rejects, @native), &block)
      self
    end

    # Every record that must be sent again although it was taken, in the order of the input.
    #
    # @yieldparam reject [Reject]
    # @return [Enumerator<Reject>, self] an enumerator without a block
    # @raise [IoError] the temporary file that holds them cannot be read
    def each_record_to_repeat(&block)
      return enum_for(:each_record_to_repeat) unless block

      Rejects.each(Native.make(Native::Rejects, :cdpb_report_records_to_repeat, @native), &block)
      self
    end

    # Writes the refused records as they were read, one a line, to be corrected and uploaded again. The reasons go to a file
    # beside it, with `.reasons.jsonl` after its name.
    #
    # @param path [String, Pathname] the file, which is replaced
    # @return [Integer] how many were written; those whose record is not at hand are left out
    # @raise [IoError] the file cannot be written
    def write_rejects(path)
      written = FFI::MemoryPointer.new(:uint64)
      Native.call(:cdpb_report_write_rejects, @native, path.to_s, written)
      written.read(:uint64)
    end

    # @return [Hash{Symbol => Object}] the report as frozen plain values, without the rejects
    def to_h
      @known
    end

    # @return [String] the report as JSON text, the same in every language, without the rejects
    def to_json(*)
      @json
    end

    # @return [String] the counts and the top reasons
    def inspect
      reasons = summary.first(REASONS_SHOWN).map { |reason| "; #{reason.count} x #{reason.code} #{reason.message}" }
      "#<#{self.class} #{run_id.empty? ? "of refs" : run_id}: #{words}#{reasons.join}>"
    end
    alias to_s inspect

    private

    def words
      words = ["#{counts.confirmed} of #{counts.read} records confirmed"]
      words << "#{counts.rejected} rejected" unless counts.rejected.zero?
      words << "#{counts.unknown} unknown" unless counts.unknown.zero?
      words.join(", ")
    end
  end
end
