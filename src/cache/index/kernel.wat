;; Dot products of one query with the rows that a list of slots names. Four rows at a time: they share the loads of the
;; query, and memory is asked for four rows at once, which is what counts for rows that no cache holds. Two sums a row,
;; because one would wait for itself at every addition. `rowBytes` is a multiple of 32 and not 0, what pads a row is
;; zero, and `count` is a multiple of 4.
(module
  (import "arena" "memory" (memory 1 65536 shared))
  (func (export "scan")
    (param $query i32)      ;; address of rowBytes / 4 floats
    (param $rows i32)       ;; address of the row in slot 0
    (param $rowBytes i32)
    (param $slots i32)      ;; address of count uint32
    (param $count i32)
    (param $scores i32)     ;; address of count floats: the answer
    (local $slotsEnd i32) (local $at i32) (local $queryEnd i32)
    (local $r0 i32) (local $r1 i32) (local $r2 i32) (local $r3 i32)
    (local $q v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (local $b0 v128) (local $b1 v128) (local $b2 v128) (local $b3 v128)
    (local.set $slotsEnd (i32.add (local.get $slots) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $queryEnd (i32.add (local.get $query) (local.get $rowBytes)))
    (block $done
      (loop $nextFour
        (br_if $done (i32.ge_u (local.get $slots) (local.get $slotsEnd)))
        (local.set $r0 (i32.add (local.get $rows) (i32.mul (i32.load (local.get $slots)) (local.get $rowBytes))))
        (local.set $r1 (i32.add (local.get $rows) (i32.mul (i32.load offset=4 (local.get $slots)) (local.get $rowBytes))))
        (local.set $r2 (i32.add (local.get $rows) (i32.mul (i32.load offset=8 (local.get $slots)) (local.get $rowBytes))))
        (local.set $r3 (i32.add (local.get $rows) (i32.mul (i32.load offset=12 (local.get $slots)) (local.get $rowBytes))))
        (local.set $a0 (v128.const i32x4 0 0 0 0)) (local.set $b0 (v128.const i32x4 0 0 0 0))
        (local.set $a1 (v128.const i32x4 0 0 0 0)) (local.set $b1 (v128.const i32x4 0 0 0 0))
        (local.set $a2 (v128.const i32x4 0 0 0 0)) (local.set $b2 (v128.const i32x4 0 0 0 0))
        (local.set $a3 (v128.const i32x4 0 0 0 0)) (local.set $b3 (v128.const i32x4 0 0 0 0))
        (local.set $at (local.get $query))
        (loop $nextStep
          (local.set $q (v128.load (local.get $at)))
          (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $q) (v128.load (local.get $r0)))))
          (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $q) (v128.load (local.get $r1)))))
          (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $q) (v128.load (local.get $r2)))))
          (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $q) (v128.load (local.get $r3)))))
          (local.set $q (v128.load offset=16 (local.get $at)))
          (local.set $b0 (f32x4.add (local.get $b0) (f32x4.mul (local.get $q) (v128.load offset=16 (local.get $r0)))))
          (local.set $b1 (f32x4.add (local.get $b1) (f32x4.mul (local.get $q) (v128.load offset=16 (local.get $r1)))))
          (local.set $b2 (f32x4.add (local.get $b2) (f32x4.mul (local.get $q) (v128.load offset=16 (local.get $r2)))))
          (local.set $b3 (f32x4.add (local.get $b3) (f32x4.mul (local.get $q) (v128.load offset=16 (local.get $r3)))))
          (local.set $r0 (i32.add (local.get $r0) (i32.const 32)))
          (local.set $r1 (i32.add (local.get $r1) (i32.const 32)))
          (local.set $r2 (i32.add (local.get $r2) (i32.const 32)))
          (local.set $r3 (i32.add (local.get $r3) (i32.const 32)))
          (local.set $at (i32.add (local.get $at) (i32.const 32)))
          (br_if $nextStep (i32.lt_u (local.get $at) (local.get $queryEnd))))
        (f32.store (local.get $scores) (call $sum (f32x4.add (local.get $a0) (local.get $b0))))
        (f32.store offset=4 (local.get $scores) (call $sum (f32x4.add (local.get $a1) (local.get $b1))))
        (f32.store offset=8 (local.get $scores) (call $sum (f32x4.add (local.get $a2) (local.get $b2))))
        (f32.store offset=12 (local.get $scores) (call $sum (f32x4.add (local.get $a3) (local.get $b3))))
        (local.set $scores (i32.add (local.get $scores) (i32.const 16)))
        (local.set $slots (i32.add (local.get $slots) (i32.const 16)))
        (br $nextFour))))
  (func $sum (param $v v128) (result f32)
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $v)) (f32x4.extract_lane 1 (local.get $v)))
      (f32.add (f32x4.extract_lane 2 (local.get $v)) (f32x4.extract_lane 3 (local.get $v))))))
