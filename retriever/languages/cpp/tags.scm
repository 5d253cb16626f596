; The widest node around a name is the definition, so a template's head belongs to what it declares.
(function_definition declarator: (function_declarator declarator: (_) @name) body: (_)? @body) @definition.function
(function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name)) body: (_)? @body) @definition.function
(function_definition declarator: (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name))) body: (_)? @body) @definition.function
(function_definition declarator: (reference_declarator (function_declarator declarator: (_) @name)) body: (_)? @body) @definition.function
(function_definition declarator: (operator_cast) @name body: (_)? @body) @definition.function
(template_declaration (function_definition declarator: (function_declarator declarator: (_) @name) body: (_)? @body)) @definition.function
(template_declaration (function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name)) body: (_)? @body)) @definition.function
(template_declaration (function_definition declarator: (reference_declarator (function_declarator declarator: (_) @name)) body: (_)? @body)) @definition.function

(class_specifier name: (_) @name body: (_) @body) @definition.class
(struct_specifier name: (_) @name body: (_) @body) @definition.class
(union_specifier name: (_) @name body: (_) @body) @definition.class
(enum_specifier name: (_) @name body: (_) @body) @definition.class
(template_declaration (class_specifier name: (_) @name body: (_) @body)) @definition.class
(template_declaration (struct_specifier name: (_) @name body: (_) @body)) @definition.class
(type_definition type: (struct_specifier body: (_) @body) declarator: (type_identifier) @name) @definition.class
(type_definition type: (enum_specifier body: (_) @body) declarator: (type_identifier) @name) @definition.class
(concept_definition name: (_) @name) @definition.class

; Named, but not worth a chunk of their own.
(preproc_def name: (identifier) @name) @definition.name
(preproc_function_def name: (identifier) @name) @definition.name
(alias_declaration name: (type_identifier) @name) @definition.name
(type_definition declarator: (type_identifier) @name) @definition.name
(enumerator name: (identifier) @name) @definition.name
; Prototypes in headers: the face of a class or a library.
(declaration declarator: (function_declarator declarator: (identifier) @name)) @definition.name
(declaration declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @definition.name
(field_declaration declarator: (function_declarator declarator: (field_identifier) @name)) @definition.name

(namespace_definition name: (_) @name body: (_) @body) @scope

; Where definitions stand besides: anonymous namespaces, extern "C", include guards, and what macros broke.
(namespace_definition !name body: (_) @container)
(linkage_specification body: (declaration_list) @container)
(preproc_if) @container
(preproc_ifdef) @container
(preproc_else) @container
(preproc_elif) @container
(ERROR) @container

(comment) @leading
