# frozen_string_literal: true

require_relative "helper"

# Reports, rejects, errors and options.
class ReportTest < CdpTest
  test "every error is rescued by the one base, and by its own class" do
    errors = CdpBatch.constants.map { |name| CdpBatch.const_get(name) }
    errors = errors.select { |known| known.is_a?(Class) && known < CdpBatch::Error }
    assert_equal 21, errors.size
    assert_equal errors.size, errors.map { |known| known.new("x").code }.uniq.size
    assert_operator CdpBatch::Error, :<, StandardError
  end

  test "an error carries its fields and the report" do
    with_emulator do |client|
      error = assert_raises(CdpBatch::RecordsRejectedError) { client.upload(FAULTY, run_id: "nightly") }
      assert_equal %w[records_rejected report nightly], [error.code, error.stage, error.run_id]
      refute_predicate error, :retryable?
      assert_equal error.report.batches.map(&:ref), error.refs
      assert_equal error.message, error.to_h[:message]
      assert_equal 2, error.report.counts.confirmed
    end
  end

  test "an error of the service is told with its status" do
    faults = { rules: [{ on: "allocate", do: { type: "status", status: 503 } }] }
    with_emulator(faults: faults, client: { retry: { attempts: 2, base_ms: 1 } }) do |client|
      error = assert_raises(CdpBatch::UnavailableError) { client.upload(GUESTS) }
      assert_equal [true, 2, 503], [error.retryable?, error.attempts, error.http_status]
    end
  end

  test "a misspelt option names the nearest one" do
    with_emulator do |client|
      error = assert_raises(CdpBatch::InvalidOptionsError) { client.upload(GUESTS, levle: 9) }
      assert_includes error.message, "level"
      assert_raises(CdpBatch::InvalidOptionsError) { client.upload(GUESTS, check: :modle) }
      assert_raises(CdpBatch::InvalidOptionsError) { client.upload(GUESTS, http: { connect_timeout_ms: 1 }) }
    end
    assert_raises(ArgumentError) { CdpBatch::Client.new(region: "eu") }
    [{}, { region: "eu", base_url: "https://example.com" }].each do |address|
      assert_raises(CdpBatch::InvalidOptionsError) do
        CdpBatch::Client.new(client_key: "key", api_token: "token", **address)
      end
    end
  end

  test "a report is frozen, prints its counts and becomes plain values and JSON" do
    with_emulator do |client|
      report = client.upload(FAULTY, raise_on: :never, run_id: "nightly")
      assert_predicate report, :frozen?
      assert_raises(FrozenError) { report.counts.read = 7 }
      assert_raises(FrozenError) { report.to_h[:counts][:read] = 7 }
      assert_includes report.inspect, "nightly: 2 of 5 records confirmed, 3 rejected; 1 x 400"
      assert_equal report.inspect, report.to_s
      assert_equal report.to_h, JSON.parse(JSON.generate([report]), symbolize_names: true).first
      refute_predicate report, :ok?
      refute_predicate report, :resumed?
      assert_empty report.repeats
      assert_equal [["400", 1], ["envelope.mode", 1], ["json.syntax", 1]],
                   report.summary.map { |reason| [reason.code, reason.count] }
    end
  end

  test "rejects are read one by one as often as wanted" do
    with_emulator do |client|
      report = client.upload(FAULTY, raise_on: "never")
      rejects = report.each_reject
      assert_equal 3, rejects.size
      assert_equal [2, 3, 4], rejects.map(&:line)
      assert_equal [2, 3, 4], rejects.map(&:line)
      assert_equal 2, rejects.next.line
      assert_equal %w[us json.syntax], rejects.first.to_a.values_at(0, 6)
      refused = rejects.to_a.last
      assert_equal ["service", "400", File.readlines(FAULTY, chomp: true)[3]], [refused.by, refused.code, refused.record]
      refute_nil refused.help
      assert_same report, report.each_reject { |reject| assert_predicate reject, :frozen? }
      assert_empty report.each_record_to_repeat.to_a
    end
  end

  test "a record that is no UTF-8 is given as its bytes" do
    with_emulator do |client|
      report = client.upload(CdpBatch.bytes("{\"ref\":\"\xFF\"}\n"), raise_on: "never")
      record = report.each_reject.first.record
      refute_predicate record, :valid_encoding?
      assert_equal "{\"ref\":\"\xFF\"}".b, record.b
    end
  end

  test "rejects are written so that they can be sent again" do
    Dir.mktmpdir do |folder|
      with_emulator do |client|
        report = client.upload(FAULTY, raise_on: "never")
        path = Pathname(folder).join("rejects.ndjson")
        assert_equal 3, report.write_rejects(path)
        assert_equal File.readlines(FAULTY).values_at(1, 2, 3).map(&:chomp), File.readlines(path, chomp: true)
        assert_equal 3, File.readlines("#{path}.reasons.jsonl").size
        error = assert_raises(CdpBatch::IoError) { report.write_rejects(folder) }
        assert_includes error.message, folder
      end
    end
  end

  test "what an error says shows no secret" do
    CdpBatch::Testing::Emulator.open do |emulator|
      client = CdpBatch::Client.new(base_url: emulator.base_url, client_key: "wrong-key", api_token: "planted-secret")
      error = assert_raises(CdpBatch::UnauthorizedError) { client.upload(GUESTS) }
      shown = [error.inspect, error.full_message, error.to_h.inspect, client.inspect].join
      refute_match(/planted-secret|wrong-key/, shown)
    end
  end

  test "the emulator tells what it got and takes faults" do
    with_emulator do |client, emulator|
      client.upload(GUESTS)
      assert_equal %w[allocate upload], emulator.requests.first(2).map(&:endpoint)
      assert_equal [["success", 1, []]], emulator.batches.map { |batch| batch.to_a.values_at(1, 3, 4) }
      emulator.faults = { rules: [{ on: "upload", match: { try: [1] }, do: { type: "status", status: 503 } }] }
      assert_predicate client.upload(GUESTS), :ok?
      emulator.advance_clock(31 * 86_400)
      assert_empty client.batches.to_a
      assert_raises(ArgumentError) { emulator.faults = { rules: 7 } }
    end
    assert_raises(ArgumentError) { CdpBatch::Testing::Emulator.new.tap(&:close).base_url }
  end

  test "every function that is called is in the header, with as many arguments" do
    declared = %w[cdp_batch cdp_batch_testing].map do |name|
      File.read(File.expand_path("../../../include/#{name}.h", __dir__))
    end
    counts = declared.join.scan(/^[\w *]*?(cdpb_\w+)\(([^)]*)\);/m).to_h do |name, arguments|
      [name, arguments.strip == "void" ? 0 : arguments.count(",") + 1]
    end
    [CdpBatch::Native, CdpBatch::Testing::Native].each do |native|
      names = native.singleton_methods(false).grep(/\Acdpb_/).map(&:to_s) - ["cdpb_writer_push_waiting"]
      assert_operator names.size, :>, 5
      assert_empty names - counts.keys
      names.each { |name| assert_includes [counts[name], -1], native.method(name).arity, name }
    end
  end
end
