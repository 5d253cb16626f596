(function_declaration name: (identifier) @name body: (_) @body) @definition.function
(generator_function_declaration name: (identifier) @name body: (_) @body) @definition.function
(class_declaration name: (_) @name body: (_) @body) @definition.class
(method_definition name: (_) @name body: (_) @body) @definition.method
(lexical_declaration (variable_declarator name: (identifier) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)])) @definition.function
(variable_declaration (variable_declarator name: (identifier) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)])) @definition.function
(expression_statement (assignment_expression left: (_) @name right: [(arrow_function body: (_) @body) (function_expression body: (_) @body)])) @definition.function
(expression_statement (function_expression name: (identifier) @name body: (_) @body)) @definition.function
; Wrapped: `const Cell = memo(function Cell() {})`, and an object's methods.
(program (lexical_declaration (variable_declarator name: (identifier) @name value: (call_expression arguments: (arguments [(arrow_function body: (_) @body) (function_expression body: (_) @body)])))) @definition.function)
(pair key: (_) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @definition.method
; Tests, by what they say of themselves.
((expression_statement (call_expression function: (identifier) @called arguments: (arguments . (string) @name [(arrow_function body: (_) @body) (function_expression body: (_) @body)] .))) @definition.function (#match? @called "^(describe|it|suite|test)$"))

; An export belongs to what it exports.
(export_statement declaration: (function_declaration name: (identifier) @name body: (_) @body)) @definition.function
(export_statement declaration: (generator_function_declaration name: (identifier) @name body: (_) @body)) @definition.function
(program (export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name value: (call_expression arguments: (arguments [(arrow_function body: (_) @body) (function_expression body: (_) @body)]))))) @definition.function)
(export_statement declaration: (class_declaration name: (_) @name body: (_) @body)) @definition.class
(export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]))) @definition.function
(abstract_class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.class
(enum_declaration name: (_) @name body: (_) @body) @definition.class
(export_statement declaration: (abstract_class_declaration name: (_) @name body: (_) @body)) @definition.class
(export_statement declaration: (interface_declaration name: (_) @name body: (_) @body)) @definition.class
(export_statement declaration: (enum_declaration name: (_) @name body: (_) @body)) @definition.class

; Named, but not worth a chunk of their own.
(program (lexical_declaration (variable_declarator name: (identifier) @name)) @definition.name)
(program (variable_declaration (variable_declarator name: (identifier) @name)) @definition.name)
(program (export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name))) @definition.name)
(enum_body name: (property_identifier) @name) @definition.name
(enum_assignment name: (property_identifier) @name) @definition.name
(type_alias_declaration name: (_) @name) @definition.name
(function_signature name: (_) @name) @definition.name
(method_signature name: (_) @name) @definition.name
(abstract_method_signature name: (_) @name) @definition.name
(property_signature name: (_) @name) @definition.name
(public_field_definition name: (_) @name) @definition.name

(internal_module name: (_) @name body: (_) @body) @scope
(module name: (_) @name body: (_) @body) @scope

; Heads whose block the parser lost.
(ERROR "function" . (identifier) @name) @definition.name
(ERROR "class" . (_) @name) @definition.name

; Where definitions stand besides: objects that are a module's face, and classes without a name.
(program (expression_statement (assignment_expression right: (object) @container)))
(program (lexical_declaration (variable_declarator value: (object) @container)))
(program (lexical_declaration (variable_declarator value: (satisfies_expression (object) @container))))
(program (export_statement declaration: (lexical_declaration (variable_declarator value: (object) @container))))
(program (export_statement value: (object) @container))
(program (export_statement value: (class body: (_) @container)))
(ERROR) @container

(comment) @leading
(decorator) @leading
