; The widest node around a name is the definition, so a template's head belongs to what it declares.
(function_definition type: (_) declarator: (function_declarator declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name) (template_function)] @name) body: (_)? @body) @definition.function
(function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name)) body: (_)? @body) @definition.function
(function_definition declarator: (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name))) body: (_)? @body) @definition.function
(function_definition declarator: (reference_declarator (function_declarator declarator: (_) @name)) body: (_)? @body) @definition.function
(function_definition declarator: (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (function_declarator declarator: (_) @name)))) body: (_)? @body) @definition.function
(function_definition declarator: (operator_cast) @name body: (_)? @body) @definition.function
(function_definition declarator: (qualified_identifier name: (operator_cast)) @name body: (_)? @body) @definition.function
(template_declaration (function_definition declarator: (function_declarator declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name) (template_function)] @name) body: (_)? @body)) @definition.function
(template_declaration (function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name)) body: (_)? @body)) @definition.function
(template_declaration (function_definition declarator: (reference_declarator (function_declarator declarator: (_) @name)) body: (_)? @body)) @definition.function
; Constructors, destructors, and functions whose type a macro took away.
(function_definition !type declarator: (function_declarator declarator: [(qualified_identifier) (destructor_name) (operator_name)] @name) body: (_)? @body) @definition.function
((function_definition !type declarator: (function_declarator declarator: (identifier) @name) body: (_)? @body) @definition.function (#not-match? @name "^[A-Z][A-Z0-9_]+$"))
(field_declaration_list (function_definition !type declarator: (function_declarator declarator: (identifier) @name) body: (_)? @body) @definition.function)

; Tests and whatever else a macro defines: named by what stands in its brackets, not by the macro.
((function_definition !type declarator: (function_declarator declarator: (identifier) @macro parameters: (parameter_list . (parameter_declaration !declarator type: (type_identifier) @name) .)) body: (_) @body) @definition.function (#match? @macro "^[A-Z][A-Z0-9_]+$"))
((function_definition !type declarator: (function_declarator declarator: (identifier) @macro parameters: (parameter_list . (parameter_declaration !declarator type: (type_identifier) @qualifier) . (parameter_declaration !declarator type: (type_identifier) @name) .)) body: (_) @body) @definition.function (#match? @macro "^[A-Z][A-Z0-9_]+$"))
((function_definition !type declarator: (function_declarator declarator: (identifier) @macro parameters: (parameter_list . (parameter_declaration !declarator type: (type_identifier) @name) . (parameter_declaration) . (parameter_declaration))) body: (_) @body) @definition.function (#match? @macro "^[A-Z][A-Z0-9_]+$"))
; The block behind `TEST_CASE("name")` is a node of its own.
((_ (expression_statement (call_expression function: (identifier) @macro arguments: (argument_list . (string_literal) @name))) @definition.function . (compound_statement) @body) (#match? @macro "^[A-Z][A-Z0-9_]+$"))

(class_specifier name: (_) @name body: (_) @body) @definition.class
(struct_specifier name: (_) @name body: (_) @body) @definition.class
(union_specifier name: (_) @name body: (_) @body) @definition.class
(enum_specifier name: (_) @name body: (_) @body) @definition.class
(template_declaration (class_specifier name: (_) @name body: (_) @body)) @definition.class
(template_declaration (struct_specifier name: (_) @name body: (_) @body)) @definition.class
(type_definition type: (struct_specifier !name body: (_) @body) declarator: (type_identifier) @name) @definition.class
(type_definition type: (union_specifier !name body: (_) @body) declarator: (type_identifier) @name) @definition.class
(type_definition type: (enum_specifier !name body: (_) @body) declarator: (type_identifier) @name) @definition.class
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
; Heads whose block the parser lost.
(ERROR ["class" "struct"] . (type_identifier) @name) @definition.name
(ERROR (function_declarator declarator: [(identifier) (qualified_identifier)] @name) @definition.name)

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
