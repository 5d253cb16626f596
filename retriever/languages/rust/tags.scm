(function_item name: (_) @name body: (_) @body) @definition.function
(function_signature_item name: (_) @name) @definition.name
(struct_item name: (_) @name body: (_)? @body) @definition.class
(enum_item name: (_) @name body: (_) @body) @definition.class
(union_item name: (_) @name body: (_) @body) @definition.class
(trait_item name: (_) @name body: (_) @body) @definition.class
(macro_definition name: (_) @name) @definition.function

(type_item name: (_) @name) @definition.name
(const_item name: (_) @name) @definition.name
(static_item name: (_) @name) @definition.name
(enum_variant name: (_) @name) @definition.name

(impl_item type: [(type_identifier) @name (generic_type type: (_) @name) (scoped_type_identifier name: (_) @name) (reference_type type: (_) @name)] body: (_) @body) @scope.class
(mod_item name: (_) @name body: (_)) @scope

(line_comment) @leading
(block_comment) @leading
(attribute_item) @leading

(call_expression function: (identifier) @reference)
(call_expression function: (field_expression field: (field_identifier) @reference))
(call_expression function: (scoped_identifier name: (identifier) @reference))
(generic_function function: (identifier) @reference)
(generic_function function: (scoped_identifier name: (identifier) @reference))
(macro_invocation macro: (identifier) @reference)
(type_identifier) @reference
(scoped_identifier path: (identifier) @reference)
(use_declaration argument: (scoped_identifier name: (identifier) @reference))
(use_list (identifier) @reference)

(string_literal) @string
(raw_string_literal) @string
