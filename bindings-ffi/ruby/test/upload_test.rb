# frozen_string_literal: true

require_relative "helper"
require "bigdecimal"
require "pathname"
require "stringio"
require "zlib"

# What can be uploaded, and what comes of it.
class UploadTest < CdpTest
  test "a path is a String or a Pathname" do
    with_emulator do |client|
      assert_equal 3, client.upload(GUESTS).counts.confirmed
      assert_predicate client.upload(Pathname(GUESTS)), :ok?
    end
  end

  test "an open file is read from where it stands and left open" do
    with_emulator do |client|
      File.open(GUESTS) do |file|
        file.gets
        assert_equal 2, client.upload(file).counts.confirmed
        refute_predicate file, :closed?
        assert_predicate file, :eof?
      end
    end
  end

  test "anything with read is a source" do
    packed = StringIO.new
    Zlib::GzipWriter.wrap(packed) { |gzip| gzip.write(File.read(GUESTS)) && gzip.finish }
    only_read = Struct.new(:inner) do
      undef_method :each
      def read(length)
        inner.read(length)
      end
    end
    with_emulator do |client|
      assert_equal 3, client.upload(StringIO.new(packed.string)).counts.confirmed
      assert_equal 3, client.upload(only_read.new(StringIO.new(File.read(GUESTS)))).counts.confirmed
    end
  end

  test "rows are hashes or lines of JSON, from any Enumerable" do
    with_emulator do |client, emulator|
      rows = Enumerator.new { |found| CdpTest.guests(2).each { |guest| found << guest } }
      assert_equal 2, client.upload(rows, **BARE).counts.confirmed
      assert_equal 3, client.upload(File.foreach(GUESTS)).counts.confirmed
      assert_equal CdpTest.guests(2).map { |guest| JSON.parse(guest.to_json) }, values(emulator).first(2)
      assert_equal File.readlines(GUESTS, chomp: true), emulator.arrived.last(3).map(&:text)
    end
  end

  test "times are UTC with milliseconds, decimals keep their digits, and structs are objects" do
    place = Struct.new(:city, keyword_init: true)
    row = CdpTest.guests(1).first.merge(
      extensions: [{
        name: "ext", key: "default", at: Time.new(2026, 1, 2, 3, 4, 5.5r, "+02:00"), on: Date.new(2026, 1, 2),
        price: BigDecimal("12345678901234567890.123456789012345678"), whole: BigDecimal("7"), place: place.new(city: :Berlin)
      }]
    )
    with_emulator do |client|
      text = Dir.mktmpdir do |folder|
        Zlib::GzipReader.open(client.pack([row], folder, **BARE).parts.first.path, &:read)
      end
      assert_includes text, '"at":"2026-01-02T01:04:05.500Z","on":"2026-01-02"'
      assert_includes text, '"price":12345678901234567890.123456789012345678,"whole":7,"place":{"city":"Berlin"}'
    end
  end

  test "a row that JSON cannot say names its number and keeps what Ruby said as the cause" do
    with_emulator do |client|
      error = assert_raises(CdpBatch::InvalidRecordError) do
        client.upload([*CdpTest.guests(1), { email: Float::NAN }], **BARE)
      end
      assert_equal ["invalid_record", "rows", 2], [error.code, error.source, error.line]
      assert_kind_of JSON::GeneratorError, error.cause
      assert_raises(CdpBatch::InvalidRecordError) { client.upload([7], **BARE) }
      assert_raises(CdpBatch::InvalidRecordError) { client.upload([{ price: BigDecimal("NaN") }], **BARE) }
    end
  end

  test "no rows are no error" do
    with_emulator { |client| assert_equal 0, client.upload([]).counts.read }
  end

  test "one row, a number and nil are no source" do
    with_emulator do |client|
      [{ email: "a@example.com" }, 7, nil].each do |wrong|
        error = assert_raises(CdpBatch::InvalidOptionsError) { client.upload(wrong) }
        assert_includes error.message, wrong.class.name
      end
    end
  end

  test "rows are asked for no faster than they are taken" do
    taken = 0
    # A part of its own for every record, none of which is ever stored; each row fills much of the queue.
    with_emulator(faults: { rules: [{ on: "upload", do: { type: "hang" } }] }) do |client|
      rows = Enumerator.produce do
        taken += 1
        # One that repeats the ref of another would be refused, and taken without end.
        CdpTest.guests(1).first.merge(email: "guest#{taken}@example.com", note: "x" * 200_000)
      end
      thread = Thread.new { client.upload(rows, **BARE, max_batch_records: 1) }
      thread.report_on_exception = false
      # It sleeps only while the queue is full.
      Thread.pass until thread.status == "sleep" && taken > 5
      assert_operator taken, :<, 200
      thread.kill.join
    end
  end

  test "bytes, files and a pattern are sources that can be used again" do
    Dir.mktmpdir do |folder|
      2.times { |number| File.write(File.join(folder, "#{number}.ndjson"), File.readlines(GUESTS)[number]) }
      paths = [File.join(folder, "0.ndjson"), Pathname(folder).join("1.ndjson")]
      with_emulator do |client|
        [CdpBatch.bytes(File.binread(GUESTS)), CdpBatch.files(*paths),
         CdpBatch.glob(File.join(folder, "*.ndjson"))].zip([3, 2, 2]).each do |source, count|
          2.times { assert_equal count, client.validate(source).read }
        end
      end
    end
  end

  test "rows and files are also submitted, checked and packed" do
    Dir.mktmpdir do |folder|
      with_emulator do |client|
        assert_predicate client.submit(CdpTest.guests(4), **BARE).value, :ok?
        assert_equal 4, client.validate(CdpTest.guests(4), **BARE).read
        packed = File.open(FAULTY) { |file| client.pack(file, folder) }
        assert_equal({ read: 5, packed: 3, rejected: 2 }, packed.counts.to_h)
        assert_equal [2, 3], packed.each_reject.map(&:line)
        assert_equal packed.parts.first.size, File.size(packed.parts.first.path)
      end
    end
  end

  test "a writer pushes rows, chains, and ends with the report" do
    with_emulator do |client|
      report = client.writer(**BARE) { |writer| CdpTest.guests(2).each { |guest| writer << guest << guest.to_json } }
      assert_equal [4, 2], [report.counts.read, report.counts.confirmed]
    rescue CdpBatch::RecordsRejectedError => error
      # The second of two equal rows is refused.
      assert_equal [4, 2, 2], error.report.counts.to_h.values_at(:read, :confirmed, :rejected)
    end
  end

  test "a writer without a block is closed once and gives its report again" do
    with_emulator do |client|
      writer = client.writer(**BARE)
      CdpTest.guests(3).each { |guest| writer.write(guest) }
      assert_same writer.close, writer.close
      assert_equal 3, writer.close.counts.confirmed
    end
  end

  test "half the rows of a writer whose block raises are never taken for all" do
    with_emulator do |client, emulator|
      error = assert_raises(KeyError) do
        client.writer(**BARE) do |writer|
          writer << CdpTest.guests(1).first
          {}.fetch(:missing)
        end
      end
      assert_equal :missing, error.key
      assert_empty emulator.arrived
    end
  end

  test "writing after the run has ended early says why" do
    with_emulator do |client|
      error = assert_raises(CdpBatch::Error) do
        client.writer(on_invalid: "stop") do |writer|
          10_000.times { writer << { not: "a record", long: "x" * 10_000 } }
        end
      end
      assert_equal "invalid_record", error.code
    end
  end

  test "events are hashes that a listener gets on the caller's thread" do
    heard = []
    with_emulator do |client|
      client.upload(GUESTS, on_event: ->(event) { heard << [event[:type], Thread.current] })
    end
    assert_includes heard.map(&:first), "uploaded"
    assert_equal "done", heard.last.first
    assert_equal [Thread.current], heard.map(&:last).uniq
  end

  test "a run is waited for, listened to, and gives its report once" do
    with_emulator do |client|
      run = client.submit(GUESTS)
      assert_equal 1, run.refs.size
      assert run.wait
      assert run.wait(0)
      assert_includes run.each_event.map { |event| event[:type] }, "status"
      assert_predicate run.value, :ok?
      assert_raises(CdpBatch::ClosedError) { run.value }
    end
  end

  test "a wait ends when its time is over, and a cancelled one says so" do
    with_stuck_emulator do |client|
      run = client.submit(GUESTS)
      refute run.wait(0.01)
      run.cancel
      assert_raises(CdpBatch::CancelledError) { run.value }
    end
  end

  test "another process carries on with nothing but the refs" do
    with_emulator do |client, emulator|
      refs = client.submit(GUESTS).refs
      other = emulator.client
      assert_equal ["success"], other.wait(refs).map(&:status)
      assert_equal 3, other.report(refs).counts.confirmed
      assert_equal 3, other.batch(refs.first).wait.stats.succeeded
      assert_empty other.batch(refs.first).errors
    end
  end

  test "the list is an Enumerator that asks anew each time" do
    with_emulator do |client|
      batches = client.batches(status: :success, created_after: Time.now - 60)
      assert_empty batches.to_a
      2.times { client.upload(GUESTS) }
      assert_equal 2, batches.count
      assert_equal "success", batches.next.status
      assert_raises(CdpBatch::InvalidOptionsError) { client.batches(statsu: "success") }
    end
  end

  test "the journal knows runs, finishes them and is compared with the service" do
    Dir.mktmpdir do |folder|
      with_emulator(client: { state_dir: Pathname(folder) }) do |client, emulator|
        client.upload(GUESTS, run_id: "nightly")
        emulator.client.upload(GUESTS)
        assert_equal [["nightly", 3]], client.runs.map { |run| [run.run_id, run.confirmed] }
        assert_equal 3, client.resume("nightly").counts.confirmed
        assert_equal [0, 1], [client.reconcile.never_uploaded.size, client.reconcile.unknown.size]
      end
    end
  end
end
