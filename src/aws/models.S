// The service models, as bytes of the program: cairn_model_NAME to cairn_model_NAME_end.
#define MODEL(symbol, file)               \
  .globl cairn_model_##symbol;            \
  .globl cairn_model_##symbol##_end;      \
  cairn_model_##symbol:;                  \
  .incbin file;                           \
  cairn_model_##symbol##_end:;            \
  .byte 0;
        .section .rodata
#include "models.inc"
        .globl cairn_models_everything
        .globl cairn_models_everything_end
cairn_models_everything:
        .incbin "everything.bin"
cairn_models_everything_end:
        .byte 0
        .section .note.GNU-stack,"",%progbits
