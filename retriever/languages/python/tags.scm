(function_definition name: (identifier) @name body: (_) @body) @definition.function
(class_definition name: (identifier) @name body: (_) @body) @definition.class
(decorated_definition definition: (function_definition name: (identifier) @name body: (_) @body)) @definition.function
(decorated_definition definition: (class_definition name: (identifier) @name body: (_) @body)) @definition.class

; Named, but not worth a chunk of their own.
(module (expression_statement (assignment left: (identifier) @name)) @definition.name)
(class_definition body: (block (expression_statement (assignment left: (identifier) @name)) @definition.name))
(module (expression_statement (assignment left: (pattern_list (identifier) @name))) @definition.name)
(type_alias_statement . (type [(identifier) @name (generic_type (identifier) @name)])) @definition.name
; Heads whose block the parser lost.
(ERROR "def" . (identifier) @name) @definition.name
(ERROR "class" . (identifier) @name) @definition.name

; Definitions under conditions (`if TYPE_CHECKING:`, `try: import`), but not those inside functions.
(module (if_statement consequence: (block) @container))
(module (if_statement alternative: (_ body: (block) @container)))
(module (if_statement alternative: (_ consequence: (block) @container)))
(module (try_statement body: (block) @container))
(module (try_statement (except_clause (block) @container)))
(class_definition body: (block (if_statement consequence: (block) @container)))
(class_definition body: (block (if_statement alternative: (_ body: (block) @container))))
(class_definition body: (block (try_statement body: (block) @container)))
(class_definition body: (block (try_statement (except_clause (block) @container))))
(ERROR) @container

(comment) @leading
