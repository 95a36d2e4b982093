# pipeline.mk -- from a dump to a trained BERT, one rule an arrow. Run again, it goes on where it
# stopped: every tool gives its output the final name only when it is whole.
#
#   make -f scripts/pipeline.mk DUMP=enwiki.xml.bz2 OUT=work [VARIABLE=value]... [packs|all]
#
#   DUMP -> documents -> sentences -> vocab -> tokens -> shards -> packs -> checkpoints

DUMP       ?= $(error DUMP= names the MediaWiki export to read)
OUT        ?= work
TOOLS      ?= $(dir $(lastword $(MAKEFILE_LIST)))../build/tools
THREADS    ?= 0
QUIET      ?=

VOCAB_SIZE ?= 30522
# A vocabulary to use instead of learning one:
VOCAB      ?= $(OUT)/vocab.txt

SEED       ?= 12345
DUPES      ?= 5
SHARDS     ?= 256
TEST_SHARDS ?= $(SHARDS)
TEST_FRACTION ?= 0.1
PACK_DEPTH ?= 3

# The two phases of the originals: rows of 128 tokens with 20 masked, then 512 with 80.
PHASE1_LENGTH ?= 128
PHASE1_MASKED ?= 20
PHASE1_STEPS  ?= 7038
PHASE1_RATE   ?= 6e-3
PHASE1_WARMUP ?= 0.2843
PHASE1_BATCH  ?= 8192
PHASE1_ACCUMULATION ?= 128
PHASE2_LENGTH ?= 512
PHASE2_MASKED ?= 80
PHASE2_STEPS  ?= 1563
PHASE2_RATE   ?= 4e-3
PHASE2_WARMUP ?= 0.128
PHASE2_BATCH  ?= 4096
PHASE2_ACCUMULATION ?= 512

CONFIG     ?= base
CHECKPOINT_EVERY ?= 100
LOG_EVERY  ?= 1
# mpirun and its options, where several ranks are to train:
LAUNCH     ?=

COMMON := --threads $(THREADS) $(QUIET)

.PHONY: all packs
.DELETE_ON_ERROR:
all: $(OUT)/phase2_trained
packs: $(OUT)/phase1_packed_metadata.json $(OUT)/phase2_packed_metadata.json

$(OUT):
	mkdir -p $@

# A URL is no file that make could look at.
$(OUT)/documents.txt: $(if $(findstring ://,$(DUMP)),,$(DUMP)) | $(OUT)
	$(TOOLS)/wiki-extract $(COMMON) --report $(OUT)/extract_report.json --output $@ '$(DUMP)'

$(OUT)/sentences.txt: $(OUT)/documents.txt
	$(TOOLS)/split-sentences $(COMMON) --output $@ $<

$(OUT)/vocab.txt: $(OUT)/sentences.txt
	$(TOOLS)/learn-vocab $(COMMON) --size $(VOCAB_SIZE) --output $@ $<

$(OUT)/tokens.bin: $(OUT)/sentences.txt $(VOCAB)
	$(TOOLS)/tokenize $(COMMON) --vocab $(VOCAB) --output $@ $<

# The metadata beside a folder is written last: where it is, the folder is whole.
define phase
$(OUT)/phase$(1)_metadata.json: $(OUT)/tokens.bin
	$(TOOLS)/make-pretrain $(COMMON) --output $(OUT)/phase$(1) --prefix corpus \
	    --seq-length $(PHASE$(1)_LENGTH) --max-predictions $(PHASE$(1)_MASKED) \
	    --dupe-factor $(DUPES) --seed $(SEED) --shards $(SHARDS) \
	    --test-shards $(TEST_SHARDS) --test-fraction $(TEST_FRACTION) $$<

$(OUT)/phase$(1)_packed_metadata.json: $(OUT)/phase$(1)_metadata.json
	$(TOOLS)/nnlsh-pack $(COMMON) --input $(OUT)/phase$(1) --output $(OUT)/phase$(1)_packed \
	    --seq-length $(PHASE$(1)_LENGTH) --max-predictions $(PHASE$(1)_MASKED) \
	    --max-sequences-per-pack $(PACK_DEPTH)
endef
$(eval $(call phase,1))
$(eval $(call phase,2))

# Resuming is the same command: checkpoints that are there are gone on from.
train = $(LAUNCH) $(TOOLS)/bert-train pretrain $(COMMON) --do-train \
    --config-file $(CONFIG) --vocab $(VOCAB) --output-dir $(OUT)/model \
    --input-dir $(OUT)/phase$(1)_packed --max-seq-length $(PHASE$(1)_LENGTH) \
    --max-predictions-per-seq $(PHASE$(1)_MASKED) --max-steps $(PHASE$(1)_STEPS) \
    --train-batch-size $(PHASE$(1)_BATCH) \
    --gradient-accumulation-steps $(PHASE$(1)_ACCUMULATION) \
    --learning-rate $(PHASE$(1)_RATE) --warmup-proportion $(PHASE$(1)_WARMUP) \
    --num-steps-per-checkpoint $(CHECKPOINT_EVERY) --log-freq $(LOG_EVERY) \
    --json-summary $(OUT)/model/phase$(1).log \
    $$(ls -d $(OUT)/model/ckpt_* >/dev/null 2>&1 && echo --resume-from-checkpoint)

$(OUT)/phase1_trained: $(OUT)/phase1_packed_metadata.json
	$(call train,1)
	touch $@

$(OUT)/phase2_trained: $(OUT)/phase2_packed_metadata.json $(OUT)/phase1_trained
	$(call train,2) --phase2 --phase1-end-step $(PHASE1_STEPS)
	touch $@
