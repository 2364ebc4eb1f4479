# frozen_string_literal: true

require "pathname"

module CdpBatch
  # Records given as they are.
  #
  # @param string [String] a file's content: NDJSON, a JSON array or JSON over several lines, plain or gzip
  # @return [Source] what every call takes as a source
  def self.bytes(string)
    Source.new { Native.make(Native::Source, :cdpb_source_from_bytes, string, string.bytesize) }
  end

  # Several files, read one after the other.
  #
  # @param paths [Array<String, Pathname>]
  # @return [Source] what every call takes as a source
  def self.files(*paths)
    paths = paths.flatten.map(&:to_s)
    Source.new { Native.texts(paths) { |texts| Native.make(Native::Source, :cdpb_source_from_paths, texts) } }
  end

  # The files that match a pattern, in the order of their paths.
  #
  # @param pattern [String] such as `"exports/guests-*.ndjson.gz"`
  # @return [Source] what every call takes as a source
  def self.glob(pattern)
    Source.new { Native.make(Native::Source, :cdpb_source_from_glob, pattern.to_s) }
  end

  # Where records come from, if not from a path, an IO or rows: made by {CdpBatch.bytes}, {CdpBatch.files} and
  # {CdpBatch.glob}, and used as often as wanted.
  class Source
    # Bytes that are asked of an IO at a time.
    PIECE = 1 << 18
    private_constant :PIECE

    # @api private
    def initialize(&open)
      @open = open
    end

    # @api private
    # @return [Array(Native::Source, Feed), Array(Native::Source)]
    def open
      @open.call
    end

    # @api private
    # @param source [String, Pathname, Source, #read, #each] what a call was given
    # @return [Source]
    def self.of(source)
      case source
      when Source then source
      when String, Pathname then new { Native.make(Native::Source, :cdpb_source_from_path, source.to_s) }
      else
        if source.respond_to?(:read) then of_io(source)
        elsif source.respond_to?(:each) && !source.respond_to?(:to_hash) then of_rows(source)
        else
          message = "a source is a path, something to read from, or rows, but not a #{source.class}"
          raise InvalidOptionsError.new(message, stage: "options")
        end
      end
    end

    # An IO from where it stands; it is left open.
    def self.of_io(io)
      name = io.respond_to?(:path) ? io.path.to_s.scrub : "stream"
      new do
        writer, source = Native.make([Native::Writer, Native::Source], :cdpb_source_from_stream, name)
        [source, Feed.new(writer, Pieces.new(io))]
      end
    end

    def self.of_rows(rows)
      new do
        writer, source = Native.make([Native::Writer, Native::Source], :cdpb_source_from_rows)
        [source, Feed.new(writer, Rows.new(rows))]
      end
    end
    private_class_method :of_io, :of_rows

    # The bytes of an IO, piece by piece.
    Pieces = Struct.new(:io) do
      def each
        while (piece = io.read(PIECE)) && !piece.empty?
          yield piece
        end
      end
    end
    private_constant :Pieces

    # Rows as lines of JSON.
    Rows = Struct.new(:rows) do
      def each
        number = 0
        rows.each { |row| yield Row.line(row, number += 1) }
      end
    end
    private_constant :Rows
  end

  # What a source is fed, on the caller's thread, no faster than it is taken: the library never calls into Ruby.
  # @api private
  Feed = Struct.new(:writer, :pieces) do
    # @return [Integer] a code, after at most so many milliseconds
    def push(piece, wait_ms)
      return Native.cdpb_writer_push(writer, piece, piece.bytesize, 0, nil) if wait_ms.zero?

      Native.cdpb_writer_push_waiting(writer, piece, piece.bytesize, wait_ms, nil)
    end

    # Says that everything was pushed.
    def finish
      Native.call(:cdpb_writer_finish, writer)
    end

    # Gives up: what was pushed is not all.
    def abandon
      Native.cdpb_writer_abandon(writer)
    end
  end
end
