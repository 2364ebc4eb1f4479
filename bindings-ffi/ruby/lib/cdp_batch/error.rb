# frozen_string_literal: true

module CdpBatch
  # Everything that fails here. Each kind has a class of its own, such as {RecordsRejectedError}; all carry the same fields.
  #
  #   rescue CdpBatch::Error => error
  #     retry_later if error.retryable?
  class Error < StandardError
    # @return [String] the kind, such as `"records_rejected"`: the same word in every language
    attr_reader :code
    # @return [String, nil] where in the run it happened, such as `"upload"`
    attr_reader :stage
    # @return [Integer] how often the request was tried; 0 when no request was made
    attr_reader :attempts
    # @return [Integer, nil] the HTTP status of the last answer
    attr_reader :http_status
    # @return [String, nil] the service's id of the request, for its support
    attr_reader :request_id
    # @return [Integer, nil] how long the service asks to wait, in milliseconds
    attr_reader :retry_after_ms
    # @return [String, nil] the run it belongs to
    attr_reader :run_id
    # @return [Array<String>] the batches it is about
    attr_reader :refs
    # @return [String, nil] the source of the record it is about
    attr_reader :source
    # @return [Integer, nil] the line of the record it is about, from 1
    attr_reader :line
    # @return [Report, nil] what is known of the run that failed
    attr_reader :report

    # The kind; an error of a kind that is newer than this gem brings its own.
    CODE = "unknown"
    # Whether the same call may succeed later without a change.
    RETRYABLE = false

    # Takes the fields by their names.
    #
    # @param message [String] one sentence: what failed, and what to do
    def initialize(message = nil, code: self.class::CODE, retryable: self.class::RETRYABLE, stage: nil, attempts: 0,
                   http_status: nil, request_id: nil, retry_after_ms: nil, run_id: nil, refs: [], source: nil,
                   line: nil, report: nil)
      super(message)
      @code = code
      @retryable = retryable
      @stage = stage
      @attempts = attempts
      @http_status = http_status
      @request_id = request_id
      @retry_after_ms = retry_after_ms
      @run_id = run_id
      @refs = refs
      @source = source
      @line = line
      @report = report
    end

    # @return [Boolean] whether the same call may succeed later without a change
    def retryable?
      @retryable
    end

    # @return [Hash{Symbol => Object}] every field but the report, as in every language
    def to_h
      {
        code: code, message: message, stage: stage, retryable: retryable?, attempts: attempts,
        http_status: http_status, request_id: request_id, retry_after_ms: retry_after_ms, run_id: run_id, refs: refs,
        source: source, line: line
      }
    end
  end
end
