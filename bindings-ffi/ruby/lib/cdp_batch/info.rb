# frozen_string_literal: true

module CdpBatch
  # What came of a batch's records, by the service's count.
  #
  # @!attribute [r] time_to_process_ms
  #   @return [Integer, nil] time the service took, in milliseconds
  # @!attribute [r] total
  #   @return [Integer, nil] records read
  # @!attribute [r] succeeded
  #   @return [Integer, nil] records taken
  # @!attribute [r] failed
  #   @return [Integer, nil] records refused
  Stats = Value.of(:time_to_process_ms, :total, :succeeded, :failed)

  # A batch as the service tells of it.
  #
  # @!attribute [r] ref
  #   @return [String] its ref, a UUID
  # @!attribute [r] status
  #   @return [String] where it is on its way: `"uploading"`, `"file_uploaded"`, `"processing"`, and in the end `"success"`,
  #     `"error"` or `"corrupted"`
  # @!attribute [r] size
  #   @return [Integer, nil] its declared size in bytes; absent from lists
  # @!attribute [r] checksum
  #   @return [String, nil] its declared MD5 in hex; absent from lists
  # @!attribute [r] stats
  #   @return [Stats, nil] what came of its records, once processed; absent from lists
  # @!attribute [r] created_at
  #   @return [String, nil] when it was allocated, as the service spells it
  # @!attribute [r] modified_at
  #   @return [String, nil] when it last changed, as the service spells it
  # @!attribute [r] expiry
  #   @return [String, nil] when its upload location stops working
  # @!attribute [r] has_log
  #   @return [Boolean] whether there is an error log
  BatchInfo = Value.of(:ref, :status, :size, :checksum, :stats, :created_at, :modified_at, :expiry, :has_log) do
    # @api private
    def self.read(known)
      super(known.merge(stats: known[:stats] && Stats.read(known[:stats])))
    end
  end

  # One remark about one place of a record.
  #
  # @!attribute [r] source
  #   @return [String] the source of the record, such as a file
  # @!attribute [r] line
  #   @return [Integer] the line it began on, from 1
  # @!attribute [r] path
  #   @return [String] the place in it, such as `"$.value.identifiers[0].id"`
  # @!attribute [r] rule
  #   @return [String] the rule's stable name, such as `"envelope.ref"`
  # @!attribute [r] severity
  #   @return [String] `"error"` if the record would not be sent, else `"warning"`
  # @!attribute [r] message
  #   @return [String] what is wrong and what is expected
  # @!attribute [r] section
  #   @return [String] where the rule is from
  Finding = Value.of(:source, :line, :path, :rule, :severity, :message, :section)

  # What a check found.
  #
  # @!attribute [r] read
  #   @return [Integer] records read
  # @!attribute [r] invalid
  #   @return [Integer] records with an error: they would not be sent
  # @!attribute [r] errors
  #   @return [Integer] errors found
  # @!attribute [r] warnings
  #   @return [Integer] warnings found: the record would be sent
  # @!attribute [r] findings
  #   @return [Array<Finding>] each error and warning with its place, in the order of the input
  CheckReport = Value.of(:read, :invalid, :errors, :warnings, :findings) do
    # @api private
    def self.read(known)
      super(known.merge(findings: known[:findings].map { |finding| Finding.read(finding) }.freeze))
    end

    # @return [Boolean] whether every record would be sent
    def ok?
      invalid.zero?
    end
  end

  # A file made by packing.
  #
  # @!attribute [r] path
  #   @return [String] the gzip file
  # @!attribute [r] size
  #   @return [Integer] its size in bytes
  # @!attribute [r] md5
  #   @return [String] its MD5 in hex, as the service wants it when the batch is allocated
  # @!attribute [r] content_md5
  #   @return [String] the same in Base64, as the `Content-MD5` header wants it
  # @!attribute [r] records
  #   @return [Integer] records in it
  Part = Value.of(:path, :size, :md5, :content_md5, :records)

  # How many records were packed: `read == packed + rejected`.
  #
  # @!attribute [r] read
  #   @return [Integer] records read, bad ones included
  # @!attribute [r] packed
  #   @return [Integer] records in the files
  # @!attribute [r] rejected
  #   @return [Integer] records refused
  PackCounts = Value.of(:read, :packed, :rejected)

  # What packing made. It is frozen.
  class PackReport
    # @return [Array<Part>] the files, in order
    attr_reader :parts
    # @return [PackCounts] how many records went which way
    attr_reader :counts

    # @api private
    def initialize(native)
      @native = native
      @known = Native.parsed(Native.cdpb_packed_json(native))
      @parts = @known[:parts].map { |part| Part.read(part) }.freeze
      @counts = PackCounts.read(@known[:counts])
      freeze
    end

    # Every record that is in no file, in the order of the input, read one by one, and from the first with every call.
    #
    # @yieldparam reject [Reject]
    # @return [Enumerator<Reject>, self] an enumerator without a block
    # @raise [IoError] the temporary file that holds them cannot be read
    def each_reject(&block)
      return enum_for(:each_reject) { counts.rejected } unless block

      Rejects.each(Native.make(Native::Rejects, :cdpb_packed_rejects, @native), &block)
      self
    end

    # @return [Hash{Symbol => Object}] the report as frozen plain values, without the rejects
    def to_h
      @known
    end

    # @return [String] the counts
    def inspect
      "#<#{self.class} #{counts.packed} of #{counts.read} records, parts: #{parts.size}>"
    end
    alias to_s inspect
  end

  # A run as its journal has it.
  #
  # @!attribute [r] run_id
  #   @return [String] its name
  # @!attribute [r] created_at
  #   @return [String] when it was begun
  # @!attribute [r] state
  #   @return [String] `"packing"` until its last part is packed, `"packed"` until every part is settled, then `"finished"`
  # @!attribute [r] sources
  #   @return [Array<String>] names of its sources
  # @!attribute [r] parts
  #   @return [Integer] parts packed so far
  # @!attribute [r] packed
  #   @return [Integer] records in them
  # @!attribute [r] confirmed
  #   @return [Integer] records the service confirmed
  # @!attribute [r] rejected
  #   @return [Integer] records refused, by us or by the service
  RunInfo = Value.of(:run_id, :created_at, :state, :sources, :parts, :packed, :confirmed, :rejected)

  # A batch that needs a look.
  #
  # @!attribute [r] ref
  #   @return [String] its ref
  # @!attribute [r] run_id
  #   @return [String, nil] the run it belongs to; nil if the journal does not know it
  # @!attribute [r] part
  #   @return [Integer, nil] the part it holds, from 0; nil if the journal does not know it
  # @!attribute [r] status
  #   @return [String, nil] what the service says; nil if it does not list it
  OpenBatch = Value.of(:ref, :run_id, :part, :status)

  # What the journal and the service together tell. Batches that are done and known are left out.
  #
  # @!attribute [r] never_uploaded
  #   @return [Array<OpenBatch>] packed, perhaps allocated, but storage does not have them: resume the run
  # @!attribute [r] processing
  #   @return [Array<OpenBatch>] uploaded, and the service has not finished with them
  # @!attribute [r] failed
  #   @return [Array<OpenBatch>] the service could not read them or refused records of them, and they were not sent again
  # @!attribute [r] unknown
  #   @return [Array<OpenBatch>] listed by the service, but not in this journal: sent from elsewhere
  Reconciliation = Value.of(:never_uploaded, :processing, :failed, :unknown) do
    # @api private
    def self.read(known)
      super(known.transform_values { |batches| batches.map { |batch| OpenBatch.read(batch) }.freeze })
    end
  end
end
