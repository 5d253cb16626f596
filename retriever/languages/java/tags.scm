(class_declaration name: (identifier) @name body: (_) @body) @definition.class
(interface_declaration name: (identifier) @name body: (_) @body) @definition.class
(enum_declaration name: (identifier) @name body: (_) @body) @definition.class
(record_declaration name: (identifier) @name body: (_) @body) @definition.class
(annotation_type_declaration name: (identifier) @name body: (_) @body) @definition.class
(method_declaration name: (identifier) @name body: (_)? @body) @definition.method
(constructor_declaration name: (identifier) @name body: (_) @body) @definition.method
(compact_constructor_declaration name: (identifier) @name body: (_) @body) @definition.method

; Named, but not worth a chunk of their own.
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.name
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.name
(annotation_type_element_declaration name: (identifier) @name) @definition.name
(enum_constant name: (identifier) @name) @definition.name

(enum_body_declarations) @container
; Heads whose block the parser lost.
(ERROR "class" . (identifier) @name) @definition.name
(ERROR "interface" . (identifier) @name) @definition.name

(ERROR) @container

(line_comment) @leading
(block_comment) @leading
