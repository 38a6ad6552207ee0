;; Dot products of one query with the rows that a list of slots names. SIMD, 16 floats a step in four sums, because one
;; sum would wait for itself at every addition. `rowBytes` is a multiple of 64 and not 0; what pads a row is zero.
(module
  (import "arena" "memory" (memory 1 65536 shared))
  (func (export "scan")
    (param $query i32)      ;; address of rowBytes / 4 floats
    (param $rows i32)       ;; address of the row in slot 0
    (param $rowBytes i32)
    (param $slots i32)      ;; address of count uint32
    (param $count i32)
    (param $scores i32)     ;; address of count floats: the answer
    (local $slotsEnd i32) (local $row i32) (local $at i32) (local $queryEnd i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $slotsEnd (i32.add (local.get $slots) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $queryEnd (i32.add (local.get $query) (local.get $rowBytes)))
    (block $done
      (loop $nextSlot
        (br_if $done (i32.ge_u (local.get $slots) (local.get $slotsEnd)))
        (local.set $row
          (i32.add (local.get $rows) (i32.mul (i32.load (local.get $slots)) (local.get $rowBytes))))
        (local.set $at (local.get $query))
        (local.set $a (v128.const i32x4 0 0 0 0))
        (local.set $b (v128.const i32x4 0 0 0 0))
        (local.set $c (v128.const i32x4 0 0 0 0))
        (local.set $d (v128.const i32x4 0 0 0 0))
        (loop $nextStep
          (local.set $a (f32x4.add (local.get $a)
            (f32x4.mul (v128.load (local.get $at)) (v128.load (local.get $row)))))
          (local.set $b (f32x4.add (local.get $b)
            (f32x4.mul (v128.load offset=16 (local.get $at)) (v128.load offset=16 (local.get $row)))))
          (local.set $c (f32x4.add (local.get $c)
            (f32x4.mul (v128.load offset=32 (local.get $at)) (v128.load offset=32 (local.get $row)))))
          (local.set $d (f32x4.add (local.get $d)
            (f32x4.mul (v128.load offset=48 (local.get $at)) (v128.load offset=48 (local.get $row)))))
          (local.set $row (i32.add (local.get $row) (i32.const 64)))
          (local.set $at (i32.add (local.get $at) (i32.const 64)))
          (br_if $nextStep (i32.lt_u (local.get $at) (local.get $queryEnd))))
        (local.set $a (f32x4.add
          (f32x4.add (local.get $a) (local.get $b))
          (f32x4.add (local.get $c) (local.get $d))))
        (f32.store (local.get $scores)
          (f32.add
            (f32.add (f32x4.extract_lane 0 (local.get $a)) (f32x4.extract_lane 1 (local.get $a)))
            (f32.add (f32x4.extract_lane 2 (local.get $a)) (f32x4.extract_lane 3 (local.get $a)))))
        (local.set $scores (i32.add (local.get $scores) (i32.const 4)))
        (local.set $slots (i32.add (local.get $slots) (i32.const 4)))
        (br $nextSlot)))))
