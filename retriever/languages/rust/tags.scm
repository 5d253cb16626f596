(function_item name: (_) @name body: (_) @body) @definition.function
(struct_item name: (_) @name body: (_)? @body) @definition.class
(enum_item name: (_) @name body: (_) @body) @definition.class
(union_item name: (_) @name body: (_) @body) @definition.class
(trait_item name: (_) @name body: (_) @body) @definition.class
(macro_definition name: (_) @name) @definition.function

; Named, but not worth a chunk of their own.
(function_signature_item name: (_) @name) @definition.name
(type_item name: (_) @name) @definition.name
(const_item name: (_) @name) @definition.name
(static_item name: (_) @name) @definition.name
(associated_type name: (_) @name) @definition.name
(enum_variant name: (_) @name) @definition.name
; Heads whose block the parser lost.
(ERROR "fn" . (identifier) @name) @definition.name
(ERROR "struct" . (type_identifier) @name) @definition.name
(ERROR "enum" . (type_identifier) @name) @definition.name
(ERROR "trait" . (type_identifier) @name) @definition.name

; An impl is a chunk with the type's name, and defines nothing by itself.
(impl_item type: (type_identifier) @name body: (_) @body) @scope.class
(impl_item type: (generic_type type: (_) @name) body: (_) @body) @scope.class
(impl_item type: (scoped_type_identifier name: (_) @name) body: (_) @body) @scope.class
(impl_item type: (reference_type type: (_) @name) body: (_) @body) @scope.class
(impl_item type: [(primitive_type) (tuple_type) (unit_type) (array_type) (pointer_type) (dynamic_type) (function_type)] @name body: (_) @body) @scope.class

(mod_item name: (_) @name body: (_) @body) @scope
(foreign_mod_item body: (_) @container)
(ERROR) @container

(line_comment) @leading
(block_comment) @leading
(attribute_item) @leading
