# frozen_string_literal: true

# The behaviour suite's driver for Ruby: does what one JSON object a line asks for, through the public API, and answers the
# same way. tests/README.md describes the protocol.

require "cdp_batch"
require "json"

# Raised inside a call to cancel it, as Ctrl-C would be.
class Stopped < StandardError; end

# What later requests refer to.
class Driver
  # A call that was cancelled has the error that says so as its cause.
  def answer(request)
    @events = []
    { ok: act(request), events: @events }
  rescue CdpBatch::Error, Stopped => error
    error = error.cause if error.is_a?(Stopped)
    fields = error.to_h
    if error.report
      @report = error.report
      fields = fields.merge(report: value(error.report))
    end
    { error: fields, events: @events }
  end

  private

  def act(request)
    options = request.fetch(:options, {})
    heard = { on_event: listener(request[:cancel_after_event]) }
    case request[:op]
    when "client"
      @client = CdpBatch::Client.new(**request.slice(:region, :base_url, :client_key, :api_token), **options)
      {}
    when "upload" then kept(@client.upload(source(request[:source]), **heard, **options))
    when "submit"
      @run = @client.submit(source(request[:source]), **heard, **options)
      { run_id: @run.run_id, refs: @run.refs }
    when "run_wait"
      @run.each_event(&heard[:on_event])
      kept(@run.value)
    when "writer"
      kept(@client.writer(**heard, **options) { |writer| request[:rows].each { |row| writer << row } })
    when "wait" then @client.wait(request[:refs], **options).map { |batch| plain(batch) }
    when "report" then kept(@client.report(request[:refs]))
    when "batch_status" then plain(@client.batch(request[:ref]).status)
    when "batch_wait" then plain(@client.batch(request[:ref]).wait)
    when "batch_errors" then @client.batch(request[:ref]).errors.map { |reject| plain(reject) }
    when "batches" then @client.batches(**request.fetch(:query, {})).map { |batch| plain(batch) }
    when "validate" then plain(@client.validate(source(request[:source]), **options))
    when "pack"
      packed = @client.pack(source(request[:source]), request[:out], **options)
      packed.to_h.merge(rejects: rejects(packed))
    when "write_rejects" then { written: @report.write_rejects(request[:path]) }
    else raise "there is no operation #{request[:op]}"
    end
  end

  # Keeps the events of a call, and stops it once after one of this type.
  def listener(cancel_after)
    lambda do |event|
      @events << event
      next unless event[:type] == cancel_after

      cancel_after = nil
      raise Stopped
    end
  end

  # A source of the public API.
  def source(asked)
    kind, given = asked.first
    case kind
    when :path then given
    when :paths then CdpBatch.files(given)
    when :glob then CdpBatch.glob(given)
    when :text then CdpBatch.bytes(given)
    else CdpBatch.bytes(given.unpack1("m"))
    end
  end

  def kept(report)
    @report = report
    value(report)
  end

  def value(report)
    report.to_h.merge(rejects: rejects(report))
  end

  def rejects(report)
    report.each_reject.map { |reject| plain(reject) }
  end

  # Values as JSON has them; bytes that are no UTF-8 cannot be in it.
  def plain(value)
    case value
    when Struct then plain(value.to_h)
    when Hash then value.transform_values { |inner| plain(inner) }
    when Array then value.map { |inner| plain(inner) }
    when String then value.scrub
    else value
    end
  end
end

driver = Driver.new
$stdout.sync = true
$stdin.each_line do |line|
  request = JSON.parse(line, symbolize_names: true)
  puts JSON.generate({ id: request[:id] }.merge(driver.answer(request)))
end
