(function_declaration name: (identifier) @name body: (_)? @body) @definition.function
(method_declaration receiver: (parameter_list (parameter_declaration type: [(type_identifier) @qualifier (pointer_type [(type_identifier) @qualifier (generic_type type: (type_identifier) @qualifier)]) (generic_type type: (type_identifier) @qualifier)])) name: (field_identifier) @name body: (_)? @body) @definition.method
(type_declaration (type_spec name: (type_identifier) @name type: [(struct_type (field_declaration_list) @body) (interface_type)])) @definition.class
(type_declaration (type_spec name: (type_identifier) @name)) @definition.name
(type_declaration (type_alias name: (type_identifier) @name)) @definition.name
(source_file (const_declaration (const_spec name: (identifier) @name)) @definition.name)
(source_file (var_declaration (var_spec name: (identifier) @name)) @definition.name)
(method_elem name: (field_identifier) @name) @definition.name

(comment) @leading

(call_expression function: (identifier) @reference)
(call_expression function: (selector_expression field: (field_identifier) @reference))
(type_identifier) @reference
(package_identifier) @reference
(import_spec path: (_) @import)

(interpreted_string_literal) @string
(raw_string_literal) @string
