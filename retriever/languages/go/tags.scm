(function_declaration name: (identifier) @name body: (_)? @body) @definition.function
(method_declaration receiver: (parameter_list (parameter_declaration type: (type_identifier) @qualifier)) name: (field_identifier) @name body: (_)? @body) @definition.method
(method_declaration receiver: (parameter_list (parameter_declaration type: (pointer_type (type_identifier) @qualifier))) name: (field_identifier) @name body: (_)? @body) @definition.method
(method_declaration receiver: (parameter_list (parameter_declaration type: (generic_type type: (type_identifier) @qualifier))) name: (field_identifier) @name body: (_)? @body) @definition.method
(method_declaration receiver: (parameter_list (parameter_declaration type: (pointer_type (generic_type type: (type_identifier) @qualifier)))) name: (field_identifier) @name body: (_)? @body) @definition.method
(type_declaration . "type" . (type_spec name: (type_identifier) @name type: (struct_type (field_declaration_list) @body))) @definition.class
(type_declaration . "type" . (type_spec name: (type_identifier) @name type: (interface_type) @body)) @definition.class
; Of several in brackets each is one.
(type_declaration "(" (type_spec name: (type_identifier) @name type: (struct_type (field_declaration_list) @body)) @definition.class)
(type_declaration "(" (type_spec name: (type_identifier) @name type: (interface_type) @body) @definition.class)

; Named, but not worth a chunk of their own.
(type_declaration (type_spec name: (type_identifier) @name)) @definition.name
(type_declaration (type_alias name: (type_identifier) @name)) @definition.name
(source_file (const_declaration (const_spec name: (identifier) @name)) @definition.name)
(source_file (var_declaration (var_spec name: (identifier) @name)) @definition.name)
(source_file (var_declaration (var_spec_list (var_spec name: (identifier) @name))) @definition.name)
(method_elem name: (field_identifier) @name) @definition.name
; Heads whose block the parser lost.
(ERROR "func" . (identifier) @name) @definition.name

(ERROR) @container

(comment) @leading
