# frozen_string_literal: true

require "date"
require "json"
require "time"

module CdpBatch
  # Makes JSON of what Ruby programs hold.
  # @api private
  module Row
    # A number that is written with its digits.
    class Digits
      def initialize(number)
        @text = number.to_s("F").delete_suffix(".0")
      end

      def to_json(*)
        @text
      end
    end
    private_constant :Digits

    class << self
      # @param row [Hash, String, #to_h] a row; a String is JSON already
      # @return [String] JSON text, which nobody else holds
      # @raise [InvalidRecordError] no JSON can be made of it
      def line(row, number)
        case row
        when String then row.encoding == Encoding::UTF_8 ? row.dup : text(row)
        when Hash then json(row)
        else
          raise TypeError, "#{row.class} is no row" unless row.respond_to?(:to_h) && !row.is_a?(Array)

          json(row.to_h)
        end
      rescue JSON::JSONError, EncodingError, TypeError, FloatDomainError => error
        message = "row #{number} cannot be written as JSON: #{error.message}; " \
                  "give a Hash of values that JSON has, or a String of JSON"
        raise InvalidRecordError.new(message, stage: "read", source: "rows", line: number)
      end

      # @return [String] JSON text
      def json(value)
        JSON.generate(plain(value))
      end

      private

      # What JSON has no type for, as what the service wants: times as text in UTC with milliseconds, decimals as numbers
      # with all their digits.
      def plain(value)
        case value
        when String, Integer, Float, Symbol, true, false, nil then value
        when Hash then value.transform_values { |inner| plain(inner) }
        when Array then value.map { |inner| plain(inner) }
        when Time then value.getutc.strftime("%Y-%m-%dT%H:%M:%S.%LZ")
        when DateTime then plain(value.to_time)
        when Struct then plain(value.to_h)
        when Enumerable then plain(value.to_a)
        else
          return decimal(value) if defined?(BigDecimal) && value.is_a?(BigDecimal)

          value.respond_to?(:to_h) ? plain(value.to_h) : value
        end
      end

      def decimal(number)
        raise FloatDomainError, number.to_s unless number.finite?

        Digits.new(number)
      end

      # Bytes are taken for UTF-8, whose faults the check finds; other texts are converted.
      def text(row)
        return row.dup if row.encoding == Encoding::BINARY || row.encoding == Encoding::US_ASCII

        row.encode(Encoding::UTF_8)
      end
    end
  end
end
