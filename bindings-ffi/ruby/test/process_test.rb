# frozen_string_literal: true

require_relative "helper"
require "open3"
require "timeout"

# Interrupts, threads, forks and the garbage collector.
class ProcessTest < CdpTest
  # What a killed process would do is for the test to see.
  def setup
    @before = trap("INT", "DEFAULT")
  end

  def teardown
    trap("INT", @before || "DEFAULT")
  end

  # A run that was stopped can be gone on with: nothing holds it any more, and nothing is sent twice.
  def assert_resumes(client, emulator)
    resumed = Thread.new do
      client.resume("nightly")
    rescue CdpBatch::JournalError => error
      # On a busy machine the end of what was stopped may take a moment more.
      retry if error.message.include?("process #{Process.pid}")
      raise
    end
    # The service gets on, whenever it was sent the records.
    emulator.advance_clock(10_000) until resumed.join(0.01)
    assert_equal 3, resumed.value.counts.confirmed
    assert_equal [1], emulator.batches.map(&:uploads)
  end

  def with_stuck_run
    Dir.mktmpdir do |folder|
      with_stuck_emulator(client: { state_dir: folder }) do |client, emulator|
        yield client, emulator
        assert_resumes(client, emulator)
      end
    end
  end

  test "Ctrl-C stops a call, is raised as Interrupt, and leaves a run that can be resumed" do
    with_stuck_run do |client, emulator|
      interrupter = Thread.new do
        until_uploaded(emulator)
        Process.kill("INT", Process.pid)
      end
      interrupt = assert_raises(Interrupt) { client.upload(GUESTS, run_id: "nightly") }
      interrupter.join
      assert_kind_of CdpBatch::CancelledError, interrupt.cause
      assert_equal ["nightly", 3], [interrupt.cause.run_id, interrupt.cause.report.counts.sent]
    end
  end

  test "a thread that is killed stops its call" do
    with_stuck_run do |client, emulator|
      thread = Thread.new { client.upload(GUESTS, run_id: "nightly") }
      until_uploaded(emulator)
      thread.kill.join
    end
  end

  test "Timeout stops a call" do
    with_stuck_run do |client|
      assert_raises(Timeout::Error) do
        # It never ends by itself: the time is for sending it.
        Timeout.timeout(3) { client.upload(GUESTS, run_id: "nightly") }
      end
    end
  end

  test "an exception that is raised in a waiting thread comes through with the run as its cause" do
    with_stuck_run do |client, emulator|
      thread = Thread.new { client.upload(GUESTS, run_id: "nightly") }
      thread.report_on_exception = false
      until_uploaded(emulator)
      thread.raise(IndexError, "from elsewhere")
      error = assert_raises(IndexError) { thread.join }
      assert_equal "nightly", error.cause.run_id
    end
  end

  test "what an Enumerator raises comes through, and half the rows are never taken for all" do
    with_emulator do |client, emulator|
      rows = Enumerator.new do |found|
        CdpTest.guests(3).each { |guest| found << guest }
        raise IndexError, "the query failed"
      end
      error = assert_raises(IndexError) { client.upload(rows, **BARE, run_id: "nightly") }
      assert_equal "the query failed", error.message
      assert_kind_of CdpBatch::CancelledError, error.cause
      assert_equal "nightly", error.cause.run_id
      assert_empty emulator.arrived
    end
  end

  test "what an IO raises comes through with the cause that it has" do
    broken = Object.new
    def broken.read(_length)
      Integer("seven")
    rescue ArgumentError
      raise IOError, "the line is dead"
    end
    with_emulator do |client, emulator|
      error = assert_raises(IOError) { client.upload(broken) }
      assert_kind_of ArgumentError, error.cause
      assert_empty emulator.batches
    end
  end

  test "what a listener raises comes through, and it hears the rest" do
    heard = []
    listener = lambda do |event|
      heard << event[:type]
      raise IndexError, "enough" if event[:type] == "uploaded"
    end
    with_stuck_emulator do |client|
      error = assert_raises(IndexError) { client.upload(GUESTS, on_event: listener) }
      assert_equal 3, error.cause.report.counts.sent
      assert_equal "done", heard.last
    end
  end

  test "other threads run while one waits, and calls run side by side" do
    with_emulator do |client, emulator|
      threads = Array.new(8) do |number|
        Thread.new { client.upload(CdpTest.guests(20), **BARE, run_id: "run-#{number}") }
      end
      assert_equal [20], threads.map { |thread| thread.value.counts.confirmed }.uniq
      assert_equal 160, emulator.arrived.size
    end
  end

  test "a closed client is closed, and its work goes on" do
    with_stuck_emulator do |client, emulator|
      run = client.submit(GUESTS)
      client.close
      client.close
      assert_raises(CdpBatch::ClosedError) { client.upload(GUESTS) }
      assert_raises(CdpBatch::ClosedError) { client.batch(run.refs.first).status }
      emulator.advance_clock(10_000)
      assert_predicate run.value, :ok?
    end
  end

  test "open gives what its block gives, closes, and reads the environment" do
    with_emulator do |_, emulator|
      before = ENV.to_h
      ENV.update(emulator.environment)
      kept = nil
      assert_equal 3, CdpBatch::Client.open { |client| (kept = client).upload(GUESTS).counts.confirmed }
      assert_raises(CdpBatch::ClosedError) { kept.upload(GUESTS) }
      CdpBatch::Client.open(level: 9) { |client| assert_predicate client.upload(GUESTS), :ok? }
    ensure
      ENV.replace(before)
    end
  end

  test "what was made before a fork is closed in the child, which makes its own" do
    with_emulator do |client, emulator|
      address = { base_url: emulator.base_url, client_key: emulator.client_key, api_token: emulator.api_token }
      run = client.submit(GUESTS)
      writer = client.writer(**BARE)
      told, tell = IO.pipe
      child = fork do
        calls = [-> { client.upload(GUESTS) }, -> { run.value }, -> { client.batches.first }, -> { writer << { a: 1 } },
                 -> { client.batch(run.refs.first).status }]
        codes = calls.map do |call|
          call.call.inspect
        rescue CdpBatch::Error => error
          error.code
        end
        GC.start
        tell.write(JSON.generate([codes, CdpBatch::Client.new(**address).upload(GUESTS).counts.confirmed]))
        tell.close
        exit!(0)
      end
      tell.close
      assert_equal [["closed"] * 5, 3], JSON.parse(told.read)
      Process.wait(child)
      assert_predicate run.value, :ok?
      assert_equal 0, writer.close.counts.read
    end
  end

  test "handles that nobody holds are freed" do
    with_emulator do |client|
      50.times { client.upload(GUESTS, raise_on: :never).each_reject.to_a }
      GC.start
      [CdpBatch::Native::Operation, CdpBatch::Native::Report, CdpBatch::Native::Rejects].each do |kind|
        assert_operator ObjectSpace.each_object(kind).count, :<, 50, kind.name
      end
    end
  end

  test "a library that is not there is named, and how to name another" do
    lib = File.expand_path("../lib", __dir__)
    elsewhere = { "CDP_BATCH_LIBRARY" => "/nowhere/libcdp_batch.so" }
    told, status = Open3.capture2e(elsewhere, "ruby", "-I#{lib}", "-rcdp_batch", "-e", "")
    refute_predicate status, :success?
    assert_match(%r{/nowhere/libcdp_batch\.so.*Set CDP_BATCH_LIBRARY}, told)
  end

  test "a program ends while calls are under way" do
    with_stuck_emulator do |_, emulator|
      program = <<~RUBY
        require "cdp_batch"
        client = CdpBatch::Client.from_env
        Thread.new { client.upload(#{GUESTS.inspect}) }
        Thread.new { client.upload(Enumerator.produce { sleep }) }
        run = client.submit(#{GUESTS.inspect})
        writer = client.writer
        writer << "{}"
        exit 7
      RUBY
      lib = File.expand_path("../lib", __dir__)
      system(emulator.environment, "ruby", "-w", "-I#{lib}", "-e", program, exception: false)
      assert_equal 7, Process.last_status.exitstatus
    end
  end
end
