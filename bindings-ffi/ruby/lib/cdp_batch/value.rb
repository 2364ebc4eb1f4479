# frozen_string_literal: true

module CdpBatch
  # A frozen value with named fields: a Struct that cannot be changed.
  # @api private
  module Value
    # Makes one of what the library tells, and passes over what it has no field for: a later library may tell more.
    module Read
      def read(known)
        new(**known.slice(*members))
      end
    end

    # @param fields [Array<Symbol>] their names; a block is the rest of the class
    # @return [Class]
    def self.of(*fields, &rest)
      made = Struct.new(*fields, keyword_init: true)
      made.extend(Read)
      made.define_method(:initialize) do |**known|
        super(**known)
        freeze
      end
      made.class_eval(&rest) if rest
      made
    end
  end
end
